"""Small help with SQL: quoting, a transaction, and a query that answers with one row."""

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
