"""Everything that is held on a person, for the person: rows, scores, and how scores are made."""

import json
from pathlib import Path

import duckdb

from pipelines.feeds.kept import open_raw
from pipelines.privacy import held
from pipelines.privacy.access import EXPORT, log_access
from pipelines.privacy.legal_hold import bind_holds
from pipelines.privacy.person import SOURCE_PRIORITY, find_person
from pipelines.publishing.builds import current_build
from pipelines.settings import Settings
from pipelines.sql import fetch_one, literal, quote
from pipelines.warehouse.target import refuse_spark

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
        TargetIsSpark: When the warehouse is not a file of the house, and its rows would be missing.
    """
    refuse_spark(settings)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(directory.iterdir()):
        raise FileExistsError(f"{directory} is not empty")
    with open_raw(settings) as connection:
        bind_holds(connection, settings.dbt_project / SOURCE_PRIORITY)
        person = find_person(connection, customer, settings.dbt_project / SOURCE_PRIORITY)
        held.prepare(connection, person)
        found = _write(connection, held.of_raw(connection), directory)
    build = current_build(settings.published)
    if build:
        with duckdb.connect(str(build.database), read_only=True) as connection:
            held.prepare(connection, person)
            of_build = _write(connection, held.of_build(connection), directory)
            logic = _logic(connection, list(of_build))
        found |= of_build
        (directory / LOGIC_NAME).write_text(
            json.dumps(logic, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    with open_raw(settings) as connection:
        log_access(
            connection,
            EXPORT,
            accessed_by=accessed_by,
            table_count=len(found),
            row_count=sum(found.values()),
        )
    return found


def _write(
    connection: duckdb.DuckDBPyConnection, tables: dict[str, str], directory: Path
) -> dict[str, int]:
    """Write the person's rows, one file a table; no file where there are none."""
    counts = {}
    for table, condition in tables.items():
        relation = ".".join(quote(part) for part in table.split("."))
        connection.execute(
            f"create or replace temp table own_row as select * from {relation} where {condition}"
        )
        (count,) = fetch_one(connection, "select count(*) from own_row")
        if count:
            target = literal(str(directory / f"{table}.jsonl"))
            connection.execute(f"copy own_row to {target} (format json)")
            counts[table] = int(count)
    return counts


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
