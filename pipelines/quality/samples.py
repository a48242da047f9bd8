"""Finds a few failing rows of a rule and names them by their key columns, never by other values.

Great Expectations would report the unexpected values themselves. The gate asks it for counts only
and runs one more small query for each rule that failed, which selects key columns and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipelines.quality.suites import UNEXPECTED_ROWS, Expectation, Suite
from pipelines.redaction import mask_contacts

SAMPLE_SIZE = 5
"""Failing rows named per rule: enough to look one up, few enough to read."""

Condition = tuple[str, list[Any]]
"""A condition that is true for failing rows, and the values bound to its question marks."""


def quoted(identifier: str) -> str:
    """Return an identifier in SQL quotes."""
    escaped = identifier.replace('"', '""')
    return f'"{escaped}"'


def sample_query(
    suite: Suite, expectation: Expectation, *, hidden_columns: frozenset[str]
) -> Condition | None:
    """Return the query for the keys of failing rows and its bound values.

    Args:
        suite: The suite of the rule.
        expectation: A rule that failed.
        hidden_columns: Columns with personal data, which are left out of the key.

    Returns:
        ``None`` where rows cannot be named: a rule on the whole table, no key columns, or a type
        without a known condition.
    """
    keys = key_columns(suite, expectation, hidden_columns=hidden_columns)
    if not keys:
        return None
    if expectation.type == UNEXPECTED_ROWS:
        source, values = f"({suite.query_of(expectation)})", []
    else:
        condition = failing_condition(suite, expectation)
        if condition is None:
            return None
        source = f"(select * from {suite.relation} as tested_row where {condition[0]})"
        values = condition[1]
    columns = ", ".join(quoted(key) for key in keys)
    query = f"select {columns} from {source} as failing_row order by all limit {SAMPLE_SIZE}"
    return query, values


def key_columns(
    suite: Suite, expectation: Expectation, *, hidden_columns: frozenset[str]
) -> tuple[str, ...]:
    """Return the columns that may name a failing row of the rule."""
    keys = suite.key_columns if expectation.key_columns is None else expectation.key_columns
    return tuple(key for key in keys if key not in hidden_columns)


def describe_key(keys: Sequence[str], row: Sequence[Any]) -> str:
    """Return ``column=value, ...`` of one failing row."""
    return mask_contacts(", ".join(f"{k}={v}" for k, v in zip(keys, row, strict=True)))


def failing_condition(suite: Suite, expectation: Expectation) -> Condition | None:
    """Return the SQL condition of rows that break a rule, or ``None`` for an unknown type."""
    build = _CONDITIONS.get(expectation.type)
    return None if build is None else build(suite, expectation.kwargs)


def _null(suite: Suite, kwargs: Mapping[str, Any]) -> Condition:
    return f"{quoted(kwargs['column'])} is null", []


def _not_null(suite: Suite, kwargs: Mapping[str, Any]) -> Condition:
    return f"{quoted(kwargs['column'])} is not null", []


def _in_set(suite: Suite, kwargs: Mapping[str, Any]) -> Condition:
    values = list(kwargs.get("value_set") or [])
    return f"{quoted(kwargs['column'])} in ({_marks(values)})", values


def _not_in_set(suite: Suite, kwargs: Mapping[str, Any]) -> Condition:
    values = list(kwargs.get("value_set") or [])
    return f"{quoted(kwargs['column'])} not in ({_marks(values)})", values


def _outside(suite: Suite, kwargs: Mapping[str, Any]) -> Condition:
    return _outside_of(quoted(kwargs["column"]), kwargs)


def _length_outside(suite: Suite, kwargs: Mapping[str, Any]) -> Condition:
    return _outside_of(f"length({quoted(kwargs['column'])})", kwargs)


def _outside_of(value: str, kwargs: Mapping[str, Any]) -> Condition:
    conditions, values = [], []
    for bound, strict, operator in (
        ("min_value", "strict_min", "<"),
        ("max_value", "strict_max", ">"),
    ):
        if kwargs.get(bound) is not None:
            equal = "=" if kwargs.get(strict) else ""
            conditions.append(f"{value} {operator}{equal} ?")
            values.append(kwargs[bound])
    return " or ".join(conditions) or "false", values


def _no_match(suite: Suite, kwargs: Mapping[str, Any]) -> Condition:
    return f"not regexp_full_match({quoted(kwargs['column'])}, ?)", [kwargs["regex"]]


def _match(suite: Suite, kwargs: Mapping[str, Any]) -> Condition:
    return f"regexp_full_match({quoted(kwargs['column'])}, ?)", [kwargs["regex"]]


def _duplicate(suite: Suite, kwargs: Mapping[str, Any]) -> Condition:
    return _duplicate_of(suite, [kwargs["column"]])


def _compound_duplicate(suite: Suite, kwargs: Mapping[str, Any]) -> Condition:
    return _duplicate_of(suite, kwargs["column_list"])


def _duplicate_of(suite: Suite, columns: Sequence[str]) -> Condition:
    names = ", ".join(quoted(column) for column in columns)
    present = " and ".join(f"{quoted(column)} is not null" for column in columns)
    return (
        f"({names}) in (select ({names}) from {suite.relation} as every_row"
        f" where {present} group by all having count(*) > 1)",
        [],
    )


def _not_greater(suite: Suite, kwargs: Mapping[str, Any]) -> Condition:
    operator = ">=" if kwargs.get("or_equal") else ">"
    return f"not ({quoted(kwargs['column_A'])} {operator} {quoted(kwargs['column_B'])})", []


def _not_equal(suite: Suite, kwargs: Mapping[str, Any]) -> Condition:
    return f"{quoted(kwargs['column_A'])} is distinct from {quoted(kwargs['column_B'])}", []


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" for _ in values) or "null"


_CONDITIONS: Mapping[str, Callable[[Suite, Mapping[str, Any]], Condition]] = {
    "expect_column_values_to_not_be_null": _null,
    "expect_column_values_to_be_null": _not_null,
    "expect_column_values_to_be_in_set": _not_in_set,
    "expect_column_values_to_not_be_in_set": _in_set,
    "expect_column_values_to_be_between": _outside,
    "expect_column_value_lengths_to_be_between": _length_outside,
    "expect_column_values_to_match_regex": _no_match,
    "expect_column_values_to_not_match_regex": _match,
    "expect_column_values_to_be_unique": _duplicate,
    "expect_compound_columns_to_be_unique": _compound_duplicate,
    "expect_column_pair_values_a_to_be_greater_than_b": _not_greater,
    "expect_column_pair_values_to_be_equal": _not_equal,
}
