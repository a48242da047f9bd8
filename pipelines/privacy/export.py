"""Everything that is held on a person, for the person: rows, scores, and how scores are made."""

import json
from pathlib import Path

import duckdb

from pipelines.feeds.contract import load_contracts
from pipelines.privacy.access import EXPORT, log_access
from pipelines.privacy.kept import open_raw
from pipelines.privacy.person import SOURCE_PRIORITY, Person, find_person
from pipelines.privacy.scrub import BETWEEN_FIELDS
from pipelines.privacy.traces import NAMED_IN_WAREHOUSE
from pipelines.publishing.builds import current_build
from pipelines.settings import Settings
from pipelines.sql import literal, quote

LOGIC_NAME = "logic.json"
"""What each table and column of the warehouse means and how it is worked out."""


def export_person(
    settings: Settings, customer: str, directory: Path, *, accessed_by: str
) -> dict[str, int]:
    """Write every row that is held on a person as JSON lines, one file a table, and log it.

    The caller holds the writer's lock.

    Args:
        settings: The house.
        customer: The person's number, the warehouse's or a source's.
        directory: Where the files go; created when missing, for its owner's eyes alone.
        accessed_by: Who exports, for the log of accesses.

    Returns:
        Rows by table, where there are any.

    Raises:
        UnknownCustomer: When nothing names this person.
        FileExistsError: When the directory holds anything: rows of two people must not mix.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(directory.iterdir()):
        raise FileExistsError(f"{directory} is not empty")
    with open_raw(settings) as connection:
        person = find_person(connection, customer, settings.dbt_project / SOURCE_PRIORITY)
        counts = {
            table: _write(connection, table, condition, person, directory)
            for table, condition in _of_raw().items()
        }
    build = current_build(settings.published)
    if build:
        with duckdb.connect(str(build.database), read_only=True) as connection:
            tables = _of_warehouse(connection)
            counts |= {
                table: _write(connection, table, condition, person, directory)
                for table, condition in tables.items()
            }
            logic = _logic(connection, [table for table in tables if counts[table]])
        (directory / LOGIC_NAME).write_text(
            json.dumps(logic, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    found = {table: count for table, count in counts.items() if count}
    with open_raw(settings) as connection:
        log_access(
            connection,
            EXPORT,
            accessed_by=accessed_by,
            table_count=len(found),
            row_count=sum(found.values()),
        )
    return found


_RECORDS = "list_contains($records, source_system || '|' || {})"
_REFERENCES = "list_contains($references, {})"
_CARDS = "list_contains($cards, {})"
_QUARANTINED = (
    f"list_has_any($texts, list_transform(string_split_regex(raw_text, {BETWEEN_FIELDS}), "
    "lambda field: trim(field)))"
)


def _of_raw() -> dict[str, str]:
    """Tables of raw.duckdb that may hold rows of a person, and which rows those are."""
    tables = {
        "privacy.dim_customer_pii": _RECORDS.format("source_id"),
        "identity.xref_customer_identity": _RECORDS.format("source_id"),
        "identity.household": _REFERENCES.format("customer_id"),
        "quarantine.row": _QUARANTINED,
        "retention.acquisition": _REFERENCES.format("customer_ref"),
        "retention.held_row": "list_has_any($texts, customers)",
    }
    for contract in load_contracts().values():
        if contract.record_column:
            tables[contract.table] = _RECORDS.format(contract.record_column.name)
            continue
        conditions = [_REFERENCES.format(column.name) for column in contract.customer_columns]
        conditions += [_CARDS.format(column.name) for column in contract.card_columns]
        if conditions:
            tables[contract.table] = " or ".join(conditions)
    return tables


def _of_warehouse(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    rows = connection.execute(
        "select schema_name || '.' || table_name, list(column_name order by column_name) "
        "from duckdb_columns() where not internal and schema_name in ('core', 'marts') "
        "group by 1 order by 1"
    ).fetchall()
    return {
        table: " or ".join(_REFERENCES.format(name) for name in NAMED_IN_WAREHOUSE if name in found)
        for table, found in rows
        if set(NAMED_IN_WAREHOUSE) & set(found)
    }


def _write(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    condition: str,
    person: Person,
    directory: Path,
) -> int:
    """Write the rows of a person; no file where there are none."""
    values: dict[str, object] = {}
    if "$records" in condition:
        values["records"] = [f"{system}|{number}" for system, number in person.records]
    if "$references" in condition:
        values["references"] = [*person.references, *person.customer_ids]
    if "$cards" in condition:
        values["cards"] = list(person.cards)
    if "$texts" in condition:
        values["texts"] = [*sorted(person.names), *person.contacts, *person.cards]
    relation = ".".join(quote(part) for part in table.split("."))
    connection.execute(
        f"create or replace temp table own_row as select * from {relation} where {condition}",
        values,
    )
    ((count,),) = connection.execute("select count(*) from own_row").fetchall()
    if count:
        target = literal(str(directory / f"{table}.jsonl"))
        connection.execute(f"copy own_row to {target} (format json)")
    return int(count)


def _logic(connection: duckdb.DuckDBPyConnection, tables: list[str]) -> dict[str, dict[str, str]]:
    """The descriptions of tables and their columns, which say how scores are worked out."""
    rows = connection.execute(
        "select schema_name || '.' || table_name, 'table', comment from duckdb_tables() "
        "union all "
        "select schema_name || '.' || table_name, column_name, comment from duckdb_columns()"
    ).fetchall()
    logic: dict[str, dict[str, str]] = {table: {} for table in tables}
    for table, name, text in rows:
        if table in logic and text:
            logic[table][name] = text
    return logic
