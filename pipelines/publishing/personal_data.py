"""Gate 15 on values: nothing that looks like a contact or a card number is published.

What a column is named is judged by the suite `audit/personal_data`; here are the values, for a
person can stand in a column of any name: a mail address as a reason, a phone number as a brand.
The finished copy is read, so that it is judged as readers get it, evidence included. A table of
more than `SAMPLE_ROWS` rows is judged by a sample of them, so the cost does not grow with it; a
feed that carries contacts in a text carries them in more than one row.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

from pipelines.feeds.text_rules import holds_card_number
from pipelines.publishing.evidence import UnfitForPublishing
from pipelines.redaction import BEFORE, MAIL, PHONE
from pipelines.sql import fetch_one, literal, quote

SAMPLE_ROWS = 20_000
"""Rows of a table that are read: some ten of DuckDB's vectors, spread over the table."""

_BARE_PHONE = "0[1-9][0-9]{8,10}|1[3-9][0-9]{9}"
"""National numbers without a blank: with the trunk prefix, or a Chinese mobile's."""


def _alone(shape: str) -> str:
    """A pattern for a number that is no part of a longer word or number."""
    return literal(f"(?:^|[^{BEFORE}])(?:{shape})(?:$|[^0-9A-Za-z.]|[.](?:$|[^0-9]))")


RULES = {
    "mail address": f"contains(text, '@') and regexp_matches(text, {literal(MAIL)})",
    "phone number": f"strlen(text) >= 8 and regexp_matches(text, {_alone(PHONE)})",
    "bare phone number": f"strlen(text) >= 10 and regexp_matches(text, {_alone(_BARE_PHONE)})",
    "card number": holds_card_number("text"),
}
"""Each rule by its name, as SQL over `text` that is true for a value that must not be published."""


_CANDIDATE = "@|[0-9](?:[ ()./-]{0,2}[0-9]){6}"
"""What a text holds that breaks any of the rules."""


class PersonalDataFound(UnfitForPublishing):
    """Values of the published file look like contacts or cards; the message shows none of them."""


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """Columns whose values a rule passes over, because they are the house's own numbers."""

    columns: re.Pattern[str]
    rules: frozenset[str]


def load_exemptions(path: Path) -> list[Exemption]:
    """Read `expectations/own_numbers.yml`.

    Raises:
        ValueError: When an entry is not what it should be; the message names the file and it.
    """
    exemptions = []
    for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")) or [], start=1):
        where = f"{path.name}: entry {number}"
        if not isinstance(entry, dict) or set(entry) != {"columns", "rules", "reason"}:
            raise ValueError(f"{where} needs columns, rules and reason")
        rules = frozenset(entry["rules"])
        if unknown := sorted(rules - set(RULES)):
            raise ValueError(f"{where}: {unknown[0]!r} is none of {', '.join(RULES)}")
        try:
            exemptions.append(Exemption(columns=re.compile(entry["columns"]), rules=rules))
        except re.error as error:
            raise ValueError(f"{where}: columns is no regular expression: {error}") from error
    return exemptions


def require_no_personal_data(database: Path, exemptions: Sequence[Exemption]) -> None:
    """Hold the texts of every table against every rule.

    Args:
        database: A finished database file.
        exemptions: Columns that a rule passes over.

    Raises:
        PersonalDataFound: Naming table, column, rule and how many of the rows read break it.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        # One thread, so that the sample is the same one however often the file is judged.
        connection.execute("set threads = 1")
        connection.execute(
            "create temp table candidate"
            " (table_name varchar, column_name varchar, text varchar, row_count bigint)"
        )
        for table, columns in _text_columns(connection).items():
            _collect(connection, table, columns)
        found = connection.execute(_breaches(exemptions)).fetchall()
    if found:
        raise PersonalDataFound(
            "\n".join(
                [
                    "what looks like personal data would be published; clear it from the feed or"
                    " leave the column out, and where the numbers are the house's own, say so in"
                    " expectations/own_numbers.yml:",
                    *(f"- {place}: {rule} in {count:,} row(s)" for place, rule, count in found),
                ]
            )
        )


def _text_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    rows = connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns()"
        " where not internal and database_name = current_database()"
        " and contains(data_type, 'VARCHAR') order by all"
    ).fetchall()
    columns = defaultdict(list)
    for schema, table, column in rows:
        columns[f"{schema}.{table}"].append(column)
    return columns


def _collect(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> None:
    """Put what any rule could mean into `candidate`: the rules cost more to plan than to apply."""
    relation = ".".join(quote(part) for part in table.split("."))
    (rows,) = fetch_one(connection, f"select count(*) from {relation}")
    sample = ""
    if rows > SAMPLE_ROWS:
        sample = f"tablesample system({100 * SAMPLE_ROWS / rows:.6f}%) repeatable (15)"
    texts = ", ".join(f"cast({quote(name)} as varchar) as {quote(name)}" for name in columns)
    connection.execute(
        f"""
        insert into candidate
        select {literal(table)}, name, text, row_count
        from (
            select name, text, count(*) as row_count
            from (unpivot (select {texts} from {relation} {sample}) on columns(*)
                into name name value text)
            group by name, text
        )
        where regexp_matches(text, {literal(_CANDIDATE)})
        """
    )


def _breaches(exemptions: Sequence[Exemption]) -> str:
    """SQL: place, rule and rows of what breaks a rule outside its exempt columns."""
    return (
        " union all ".join(
            "select table_name || '.' || column_name as place,"
            f" {literal(rule)} as rule, sum(row_count) from candidate"
            f" where {breach} and not ({_is_exempt(rule, exemptions)}) group by all"
            for rule, breach in RULES.items()
        )
        + " order by place, rule"
    )


def _is_exempt(rule: str, exemptions: Sequence[Exemption]) -> str:
    patterns = [each.columns.pattern for each in exemptions if rule in each.rules]
    matches = (f"regexp_full_match(column_name, {literal(pattern)})" for pattern in patterns)
    return " or ".join(matches) or "false"
