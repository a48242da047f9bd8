"""Reads the YAML suites of ``expectations/<layer>/<name>.yml`` into frozen objects.

What does not belong here: evaluation (``gate``), and whether types, tables and columns of a suite
exist (``lint``). This module is cheap to import: the command line and most tests do so.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

LAYERS = ("raw", "core", "marts", "audit")
"""Folders of suites. The order is the order of evaluation and of every report."""

SEVERITIES = ("critical", "warning", "info")
"""Only a failed critical expectation stops the night."""

UNEXPECTED_ROWS = "unexpected_rows_expectation"
"""The expectation that is a query: each row it returns is a failure."""

_SCHEMAS = {
    "raw": ("feeds", "quarantine", "ledger"),
    "core": ("core",),
    "marts": ("marts",),
    "audit": ("meta", "information_schema"),
}
_SUITE_KEYS = frozenset(
    {"table", "description", "key_columns", "window", "replaced_by", "may_be_empty", "expectations"}
)
_EXPECTATION_KEYS = frozenset(
    {"type", "kwargs", "severity", "description", "meta", "key_columns", "personal_data"}
)
_REFERENCE_KEYS = _EXPECTATION_KEYS - {"type", "kwargs"} | {"references"}
_LOADED_WINDOW = (
    "_file_id in (select file_id from raw.ledger.file"
    " where load_id = (select max(load_id) from raw.ledger.file))"
)
_REPLACED_DATE = "raw.ledger.changed_business_date"
_REPLACED_BY = {
    # Some facts also replace dates that did not change.
    "business_date": (
        f"select business_date from {_REPLACED_DATE}"
        " union all select business_date from raw.history.basket_date"
        " union all select business_date from raw.history.return_date"
    ),
    "fiscal_week_start_date": (
        "select fiscal_week_start_date from core.dim_date where date_day in"
        f" (select business_date from {_REPLACED_DATE})"
    ),
}
"""Columns of date by which a table is replaced, and the query of those that the build replaced."""


class SuiteError(ValueError):
    """A suite that cannot be read; the message names the file and the key."""


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """One rule of a suite.

    Attributes:
        type: Name of the expectation in Great Expectations, in snake case.
        kwargs: Its arguments. ``{batch}`` in a query stands for the rows under test, and may be
            followed by an alias; ``{replaced}`` for the condition by which they were chosen, which
            a rule that holds them against another table puts on that one.
        severity: One of ``SEVERITIES``.
        description: The rule in words, for messages; empty when the type says enough.
        meta: Free notes; ``reason`` says why the rule or its threshold is as it is.
        key_columns: Columns that name a failing row, where they differ from the suite's.
        is_personal: Values of this rule are personal data and are never reported.
        targets: Of a rule of references, the keys that are pointed at, as schema.table and column.
    """

    type: str
    kwargs: Mapping[str, Any]
    severity: str = "critical"
    description: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    key_columns: tuple[str, ...] | None = None
    is_personal: bool = False
    targets: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns the arguments name, in order."""
        found: list[str] = []
        for key in ("column", "column_A", "column_B", "column_list", "column_set"):
            value = self.kwargs.get(key)
            if isinstance(value, str):
                found.append(value)
            elif isinstance(value, Iterable):
                found.extend(str(item) for item in value)
        return tuple(found)

    @property
    def rule(self) -> str:
        """Return the rule in words, for messages and reports."""
        if self.description:
            return self.description
        return f"{self.type}({', '.join(self.columns)})"


@dataclass(frozen=True, kw_only=True)
class Suite:
    """The rules of one table.

    Attributes:
        layer: One of ``LAYERS``.
        name: The file's name without ending; unique within the layer.
        table: ``schema.table``.
        expectations: The rules, in the file's order.
        description: What the suite protects.
        key_columns: Columns that name a failing row in a message. Never personal ones.
        window: ``loaded`` when only rows of the newest load are under test, ``replaced`` when only
            those of dates that the build replaced are, else ``None``.
        replaced_by: The column of date by which the table is replaced; where given, `narrowed` may
            be asked instead of all rows.
        may_be_empty: All rules hold for no rows, so that an empty table need not be asked.
        path: The file, for messages.
    """

    layer: str
    name: str
    table: str
    expectations: tuple[Expectation, ...]
    description: str = ""
    key_columns: tuple[str, ...] = ()
    window: str | None = None
    replaced_by: str | None = None
    may_be_empty: bool = False
    path: Path | None = None

    @property
    def full_name(self) -> str:
        """Return ``layer.name``, unique over all suites."""
        return f"{self.layer}.{self.name}"

    @property
    def database(self) -> str:
        """Return which file holds the table: ``raw`` or ``warehouse``."""
        return "raw" if self.layer == "raw" else "warehouse"

    @property
    def relation(self) -> str:
        """Return the rows under test as something to write behind FROM, with or without alias.

        Tables of raw.duckdb carry their catalogue, so that they read the same in dbt, where that
        file is attached.
        """
        table = f"raw.{self.table}" if self.layer == "raw" else self.table
        if self.window is None:
            return table
        return f"(select * from {table} where {self._condition})"

    @property
    def _condition(self) -> str:
        if self.window == "loaded":
            return _LOADED_WINDOW
        if self.window == "replaced" and self.replaced_by:
            return f"{self.replaced_by} in ({_REPLACED_BY[self.replaced_by]})"
        return "true"

    def narrowed(self) -> Suite:
        """Return the same rules for rows that the build replaced, where the table tells them."""
        return replace(self, window="replaced") if self.replaced_by else self

    def query_of(self, expectation: Expectation) -> str:
        """Return the query of an unexpected-rows rule with the batch put in.

        The gate does this itself because GX aliases a windowed batch or not depending on whether
        the query holds the word JOIN; and so braces in a regular expression need no escape.
        """
        query = str(expectation.kwargs["unexpected_rows_query"]).strip().rstrip(";")
        return query.replace("{batch}", self.relation).replace("{replaced}", self._condition)


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key that stands twice, which YAML parsers silently accept."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                line = key_node.start_mark.line + 1
                raise SuiteError(f"key {key_node.value!r} stands twice (line {line})")
            seen.add(key_node.value)
        return super().construct_mapping(node, deep)


def load_suites(
    directory: Path, *, layers: Iterable[str] = LAYERS, tables: Iterable[str] | None = None
) -> tuple[Suite, ...]:
    """Read all suites below a directory, in the order of layers and file names.

    Args:
        directory: The folder that holds ``raw/``, ``core/``, ``marts/`` and ``audit/``.
        layers: Layers to read.
        tables: When given, only suites of these ``schema.table`` names.

    Raises:
        SuiteError: A file is not a valid suite, or there is none at all: an empty gate that passes
            would let anything through.
    """
    wanted_tables = None if tables is None else set(tables)
    suites: list[Suite] = []
    for layer in layers:
        if layer not in LAYERS:
            raise SuiteError(f"unknown layer {layer!r}; layers are {', '.join(LAYERS)}")
        suites.extend(load_suite(path) for path in sorted((directory / layer).glob("*.yml")))
    if not suites:
        raise SuiteError(f"{directory}: no suite found for the layers {', '.join(layers)}")
    if wanted_tables is None:
        return tuple(suites)
    return tuple(suite for suite in suites if suite.table in wanted_tables)


def load_suite(path: Path) -> Suite:
    """Read one suite; its layer is the name of the folder it lies in.

    Raises:
        SuiteError: The file is not YAML, or a key is unknown, missing or of the wrong kind.
    """
    where = f"{path.parent.name}/{path.name}"
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506
    except SuiteError as error:
        raise SuiteError(f"{where}: {error}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SuiteError(f"{where}: cannot be read as YAML: {error}") from error
    if not isinstance(content, dict):
        raise SuiteError(f"{where}: a suite is a mapping with the keys table and expectations")
    _refuse_unknown_keys(content, _SUITE_KEYS, where=where)

    layer = path.parent.name
    if layer not in LAYERS:
        raise SuiteError(f"{where}: the folder {layer!r} is no layer ({', '.join(LAYERS)})")
    table = _text(content, "table", where=where)
    schema, _, name = table.partition(".")
    if not name or schema not in _SCHEMAS[layer]:
        raise SuiteError(
            f"{where}: table: {table!r} is not a table of this layer"
            f" (schema {' or '.join(_SCHEMAS[layer])})"
        )
    window = content.get("window")
    if window not in (None, "loaded") or (window and layer != "raw"):
        raise SuiteError(
            f"{where}: window: {window!r} is not possible; only suites of the raw layer"
            " have one, and it is 'loaded'"
        )
    replaced_by = content.get("replaced_by")
    if replaced_by is not None and (replaced_by not in _REPLACED_BY or layer == "raw"):
        raise SuiteError(
            f"{where}: replaced_by: {replaced_by!r} is not possible; only suites behind the raw"
            f" layer have one, and it is {' or '.join(map(repr, _REPLACED_BY))}"
        )
    may_be_empty = content.get("may_be_empty", False)
    if not isinstance(may_be_empty, bool):
        raise SuiteError(f"{where}: may_be_empty: must be true or false")
    entries = content.get("expectations")
    if not isinstance(entries, list) or not entries:
        raise SuiteError(f"{where}: expectations: must be a list with at least one entry")
    expectations = tuple(
        _read_expectation(entry, where=f"{where}: expectations[{position}]")
        for position, entry in enumerate(entries)
    )
    for position, expectation in enumerate(expectations):
        if expectation in expectations[:position]:
            raise SuiteError(f"{where}: expectations[{position}]: {expectation.rule} stands twice")
    return Suite(
        layer=layer,
        name=path.stem,
        table=table,
        expectations=expectations,
        description=_text(content, "description", where=where, default=""),
        key_columns=_names(content, "key_columns", where=where) or (),
        window=window,
        replaced_by=replaced_by,
        may_be_empty=may_be_empty,
        path=path,
    )


def _read_expectation(entry: Any, *, where: str) -> Expectation:
    if not isinstance(entry, dict):
        raise SuiteError(f"{where}: must be a mapping with the key type or references")
    targets: tuple[tuple[str, str], ...] = ()
    if "references" in entry:
        _refuse_unknown_keys(entry, _REFERENCE_KEYS, where=where)
        entry, targets = _rule_of_references(entry, where=where)
    _refuse_unknown_keys(entry, _EXPECTATION_KEYS, where=where)
    kind = _text(entry, "type", where=where)
    kwargs = entry.get("kwargs", {})
    meta = entry.get("meta", {})
    for key, value in (("kwargs", kwargs), ("meta", meta)):
        if not isinstance(value, dict):
            raise SuiteError(f"{where}: {key}: must be a mapping")
    if "row_condition" in kwargs:
        raise SuiteError(
            f"{where}: kwargs.row_condition: not supported; write an {UNEXPECTED_ROWS} instead"
        )
    if kind == UNEXPECTED_ROWS and not isinstance(kwargs.get("unexpected_rows_query"), str):
        raise SuiteError(f"{where}: kwargs.unexpected_rows_query: must be a query")
    severity = entry.get("severity", "critical")
    if severity not in SEVERITIES:
        raise SuiteError(f"{where}: severity: {severity!r} is none of {', '.join(SEVERITIES)}")
    reason = meta.get("reason")
    if severity != "critical" and not reason:
        raise SuiteError(f"{where}: meta.reason: a rule that does not block says why")
    description = _text(entry, "description", where=where, default="")
    if kind == UNEXPECTED_ROWS and not description:
        raise SuiteError(f"{where}: description: a query needs its rule in words")
    is_personal = entry.get("personal_data", False)
    if not isinstance(is_personal, bool):
        raise SuiteError(f"{where}: personal_data: must be true or false")
    return Expectation(
        type=kind,
        kwargs=kwargs,
        severity=severity,
        description=description,
        meta=meta,
        key_columns=_names(entry, "key_columns", where=where),
        is_personal=is_personal,
        targets=targets,
    )


def _rule_of_references(
    entry: Mapping[str, Any], *, where: str
) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """Return the rule that each named column is filled and stands where it points, and where to.

    The values of a column are brought down to the few there are before they are looked up: an
    eighth of the time of a join of each row, and rows are looked for only where a value is missing.
    """
    references = entry["references"]
    if not isinstance(references, dict) or not references:
        raise SuiteError(f"{where}: references: must be a mapping of columns to tables")
    conditions, targets = [], []
    for column, target in references.items():
        names = str(target).split(".")
        if len(names) not in (2, 3) or not all(name.isidentifier() for name in [column, *names]):
            raise SuiteError(
                f"{where}: references: {column}: {target!r} is neither schema.table, which has a"
                " column of the same name, nor schema.table.column"
            )
        table, key = ".".join(names[:2]), names[2] if len(names) == 3 else column
        targets.append((table, key))
        conditions.append(
            f"{column} is null or {column} in (select used.{column}"
            f" from (select distinct {column} from {{batch}} as every_row) as used"
            f" where not exists (select 1 from {table} as dim where dim.{key} = used.{column}))"
        )
    description = f"{', '.join(references)}: each has its row in {', '.join(references.values())}"
    rest = {key: value for key, value in entry.items() if key != "references"}
    query = f"select * from {{batch}} as tested_row where {' or '.join(conditions)}"
    rule = {
        "type": UNEXPECTED_ROWS,
        "kwargs": {"unexpected_rows_query": query},
        "description": description,
        **rest,
    }
    return rule, tuple(targets)


def _refuse_unknown_keys(content: Mapping[Any, Any], known: frozenset[str], *, where: str) -> None:
    unknown = [str(key) for key in content if key not in known]
    if unknown:
        raise SuiteError(
            f"{where}: unknown key {', '.join(map(repr, unknown))}; known keys are"
            f" {', '.join(sorted(known))}"
        )


def _text(content: Mapping[str, Any], key: str, *, where: str, default: str | None = None) -> str:
    value = content.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise SuiteError(f"{where}: {key}: must be a text")
    return " ".join(value.split())


def _names(content: Mapping[str, Any], key: str, *, where: str) -> tuple[str, ...] | None:
    value = content.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SuiteError(f"{where}: {key}: must be a list of column names")
    return tuple(value)
