"""Small help with SQL: quoting, transactions, threads, and a query that answers with one row."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb


def quote(identifier: str) -> str:
    """An SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of the statements within, or none of them."""
    connection.execute("begin")
    try:
        yield
    except BaseException:  # a stop by signal must not leave half of them open either
        connection.execute("rollback")
        raise
    connection.execute("commit")


@contextmanager
def one_thread(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Run statements that DuckDB cannot spread over threads, such as `row_number() over ()`.

    Where another thread takes the one task, DuckDB's Python client asks for the next one without a
    pause until it is done, so that the statement costs twice its CPU seconds.
    """
    (threads,) = fetch_one(connection, "select current_setting('threads')")
    connection.execute("set threads = 1")
    try:
        yield
    finally:
        connection.execute(f"set threads = {threads}")


def fetch_one(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    values: Sequence[object] | Mapping[str, object] = (),
) -> tuple[Any, ...]:
    """The only row of an aggregate query.

    Raises:
        LookupError: When the query answers with no row.
    """
    row = connection.execute(query, values).fetchone()
    if row is None:
        raise LookupError(f"no row: {query}")
    return tuple(row)
