"""Draws the retailer's world in DuckDB: who buys what, where, when, and what it does to the stock.

The SQL stands in `sql/`, one file a subject, in the order of their numbers. What does not belong
here: how a file looks (`mappings/`, `feeds/`, `writer`), and the faults of files (`dirt`).
"""

from dataclasses import asdict
from pathlib import Path

import duckdb

from pipelines.simulation.scale import Scale

SQL = Path(__file__).parent / "sql"


DRAWING_MEMORY = "2500MB"
WRITING_MEMORY = "1000MB"
"""Of each of two writers; no simulation holds more than 4 GB."""


def connect(database: Path, *, read_only: bool, threads: int) -> duckdb.DuckDBPyConnection:
    """A connection on the world's scratch file, with its variables not yet set."""
    connection = duckdb.connect(
        str(database),
        read_only=read_only,
        config={
            "threads": threads,
            "memory_limit": WRITING_MEMORY if read_only else DRAWING_MEMORY,
        },
    )
    connection.execute("set enable_progress_bar = false")
    connection.execute("set timezone = 'UTC'")
    return connection


def set_variables(connection: duckdb.DuckDBPyConnection, scale: Scale, seed: int) -> None:
    """Hand size, seed and parameters to the SQL."""
    remodel_first, remodel_last = scale.remodelled
    variables = {
        "seed": seed,
        "first_date": scale.first_date,
        "days": scale.days,
        "stores": scale.stores,
        "items": scale.items,
        "customers": scale.customers,
        "lines": scale.lines,
        "remodel_first": remodel_first,
        "remodel_last": remodel_last,
        **asdict(scale.behaviour),
    }
    for name, value in variables.items():
        connection.execute(f"set variable {name} = $1", [value])


def draw_world(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the scratch file with the tables that feeds and answer key are made from."""
    for path in sorted(SQL.glob("*.sql")):
        connection.execute(path.read_text(encoding="utf-8"))
