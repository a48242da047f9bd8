"""Where a person can still be found: in every table and in every file of the house.

The answer names places and counts, and shows nothing of the person.
"""

from pathlib import Path

import duckdb

from pipelines.feeds.contract import load_contracts
from pipelines.feeds.mapping import load_mappings
from pipelines.privacy.landed import Gone, rewritten_files
from pipelines.privacy.person import Person
from pipelines.settings import Settings
from pipelines.sql import quote

NAMED_IN_WAREHOUSE = ("customer_id", "household_id", "customer_ref")
"""Columns of the warehouse that name a customer by themselves."""


def find_traces(settings: Settings, person: Person, gone: Gone, *, plan: Path) -> list[str]:
    """Look for a person everywhere.

    Args:
        settings: The house.
        person: Who.
        gone: The same, as files name them.
        plan: The plan of the erasure, which names the person and is removed after this.

    Returns:
        Each place with what was found there; nothing where nothing was.
    """
    found = [f"raw.duckdb: {trace}" for trace in _in_database(settings.raw_database, person)]
    databases = [settings.warehouse_database, *sorted(settings.published.rglob("*.duckdb"))]
    for path in databases:
        if path.exists():
            place = path.relative_to(settings.home)
            found += [f"{place}: {trace}" for trace in _in_database(path, person)]
    for file in rewritten_files(settings.landing, load_mappings(settings.mappings), gone):
        file.partial.unlink()
        found.append(f"landing/{file.name}: a record")
    known = {settings.raw_database, plan, *databases}
    for path in sorted(settings.home.rglob("*")):
        if path.is_file() and not path.is_symlink() and path not in known:
            content = path.read_bytes()
            if any(contact.encode() in content for contact in person.contacts):
                found.append(f"{path.relative_to(settings.home)}: a mail address or phone number")
    return found


def _in_database(database: Path, person: Person) -> list[str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("create temp table gone_record (source_system text, source_id text)")
        connection.execute(
            "insert into gone_record select unnest(?), unnest(?)",
            [[s for s, _ in person.records], [n for _, n in person.records]],
        )
        connection.execute("create temp table gone_reference (reference text)")
        connection.execute(
            "insert into gone_reference select distinct unnest(?)",
            [[*person.references, *person.customer_ids]],
        )
        connection.execute("create temp table gone_contact (contact text)")
        connection.execute(
            "insert into gone_contact select lower(unnest(?))", [list(person.contacts)]
        )
        found = []
        for table, columns in _tables(connection).items():
            for words, condition in _conditions(table, columns, bool(person.contacts)):
                relation = ".".join(quote(part) for part in table.split("."))
                (count,) = connection.execute(
                    f"select count(*) from {relation} as t where {condition}"
                ).fetchall()[0]
                if count:
                    found.append(f"{table}: {words} in {count:,} row(s)")
        return found


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    rows = connection.execute(
        "select schema_name || '.' || table_name, list(column_name) from duckdb_columns() "
        "inner join duckdb_tables() using (database_name, schema_name, table_name) "
        "where database_name = current_database() group by all order by 1"
    ).fetchall()
    return {table: set(columns) for table, columns in rows}


def _conditions(table: str, columns: set[str], has_contacts: bool) -> list[tuple[str, str]]:
    """What would be a trace in a table, in words and as SQL."""
    schema, name = table.split(".")
    contract = load_contracts().get(name) if schema == "feeds" else None
    conditions = []
    if contract:
        named = [column.name for column in contract.customer_columns]
    else:
        named = [column for column in NAMED_IN_WAREHOUSE if column in columns]
    number = next((c for c in ("source_id", "source_customer_ref") if c in columns), None)
    if contract and contract.record_column:
        number = contract.record_column.name
        named = []
    if number and "source_system" in columns:
        pair = f"(source_system, {number}) in (select (source_system, source_id) from gone_record)"
        conditions.append(("a record", pair))
    conditions += [
        (
            "a decision",
            f"({side}_system, {side}_id) in (select (source_system, source_id) from gone_record)",
        )
        for side in ("left", "right")
        if f"{side}_system" in columns
    ]
    conditions += [
        (f"{column}", f"{quote(column)} in (select reference from gone_reference)")
        for column in named
    ]
    if has_contacts:
        text = "lower(cast(t as varchar))"
        conditions.append(
            (
                "a mail address or phone number",
                f"exists (select 1 from gone_contact where contains({text}, contact))",
            )
        )
    return conditions
