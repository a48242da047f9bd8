"""Lets the tests import the helper module beside them, and gives them a raw and a warehouse."""

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))

SCHEMAS = {"raw": ("ledger", "staging", "intermediate", "seeds"), "warehouse": ("core", "marts")}


@pytest.fixture
def attached() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with an empty raw and an empty warehouse, in memory."""
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        for database, schemas in SCHEMAS.items():
            connection.execute(f"attach ':memory:' as {database}")
            for schema in schemas:
                connection.execute(f"create schema {database}.{schema}")
        yield connection
