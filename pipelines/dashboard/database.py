"""Read-only access to a published database file. No SQL about retail lives here."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]
"""One result row, column name to Python value (decimals stay decimals)."""


@contextmanager
def open_published(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a published database for reading, in UTC, and close it afterwards.

    Args:
        database: the DuckDB file.

    Yields:
        A read-only connection.

    Raises:
        FileNotFoundError: when the file does not exist (DuckDB's own message does not say which).
    """
    if not database.is_file():
        raise FileNotFoundError(f"no published database at {database}")
    connection = duckdb.connect(str(database), read_only=True)
    try:
        connection.execute("set timezone = 'UTC'")
        yield connection
    finally:
        connection.close()


def fetch_rows(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()
) -> list[Row]:
    """Run a query with bound parameters and fetch it to the end, one dict a row."""
    cursor = connection.execute(query, list(parameters))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def fetch_row(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()
) -> Row:
    """Run a query and return its first row; an empty dict when there is none."""
    found = fetch_rows(connection, query, parameters)
    return found[0] if found else {}


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """Whether a table or view exists in the file."""
    return bool(
        fetch_rows(
            connection,
            "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
            (schema, table),
        )
    )
