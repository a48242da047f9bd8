"""Writes raw.duckdb anew: DuckDB leaves what was deleted in the free blocks of its file."""

from pathlib import Path

import duckdb

from pipelines.feeds.raw_tables import create_tables
from pipelines.sql import literal, quote
from pipelines.warehouse.state import BUILT_SCHEMAS


def write_anew(raw_database: Path) -> None:
    """Put a file of the standing rows in the place of raw.duckdb; no connection may be open.

    What dbt built in it is left out: the warehouse has to be built anew.
    """
    fresh = raw_database.with_name(f"{raw_database.name}.partial")
    # What a kill left: a log would be read into a file that it does not belong to.
    fresh.unlink(missing_ok=True)
    fresh.with_name(f"{fresh.name}.wal").unlink(missing_ok=True)
    with duckdb.connect(str(raw_database)) as connection:
        connection.execute("checkpoint")
    with duckdb.connect(str(fresh)) as connection:
        create_tables(connection)
        connection.execute(f"attach {literal(str(raw_database))} as old (read_only)")
        standing = set(_tables(connection, "current_database()"))
        for schema, table in _tables(connection, "'old'"):
            place = f"{quote(schema)}.{quote(table)}"
            if schema in BUILT_SCHEMAS or (schema, table) == ("ledger", "layout"):
                continue
            if (schema, table) not in standing:
                connection.execute(f"create schema if not exists {quote(schema)}")
                connection.execute(f"create table {place} as from old.{place}")
                continue
            connection.execute(f"delete from {place}")
            connection.execute(f"insert into {place} by name from old.{place}")
        connection.execute("checkpoint")
    fresh.chmod(raw_database.stat().st_mode)
    fresh.replace(raw_database)


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    rows = connection.execute(
        "select schema_name, table_name from duckdb_tables() "
        f"where database_name = {database} and not internal and not temporary order by all"
    ).fetchall()
    return [(schema, table) for schema, table in rows]
