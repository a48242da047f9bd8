"""Small help with SQL: quoting, and a query that answers with one row."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb


def quote(identifier: str) -> str:
    """An SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


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
