"""A check that refuses nothing guards nothing: each one of the contracts meets rows it must refuse.

It stands over an empty table with the columns that its model promises. The rows, worked out from
what the checks are for, are in rows_that_break_constraints.yml.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conventions_project import DbtProject, Node

Row = dict[str, Any]

ROWS: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("rows_that_break_constraints.yml").read_text(encoding="utf-8")
)
ENTRIES = [(model, check) for model, entries in ROWS.items() for check in entries]


@dataclass(frozen=True)
class Contract:
    """The columns of a model with their types, and its checks as DuckDB meets them.

    Attributes:
        types: Data types by column.
        checks: Name, or column where it has none, and expression of each check.
    """

    types: dict[str, str]
    checks: list[tuple[str, str]]

    @classmethod
    def of(cls, model: Node) -> Contract:
        """What dbt read in the YAML of a model, with its variables in place."""
        columns = model["columns"].values()
        stated = [("", constraint) for constraint in model["constraints"]] + [
            (column["name"], constraint)
            for column in columns
            for constraint in column["constraints"]
        ]
        return cls(
            {column["name"]: column["data_type"] for column in columns},
            [
                (constraint["name"] or column, constraint["expression"])
                for column, constraint in stated
                if constraint["type"] == "check"
            ],
        )


@pytest.fixture(scope="module")
def contracts(dbt_project: DbtProject) -> dict[str, Contract]:
    return {model["name"]: Contract.of(model) for model in dbt_project.models()}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def create_table(connection: duckdb.DuckDBPyConnection, contract: Contract, check: str) -> set[str]:
    """Create the table `row` with one check, and return the columns that DuckDB says it reads."""
    columns = ", ".join(f"{column} {data_type}" for column, data_type in contract.types.items())
    expression = dict(contract.checks)[check]
    connection.execute(f"create or replace table row ({columns}, check ({expression}))")
    ((names,),) = connection.execute(
        "select constraint_column_names from duckdb_constraints() where table_name = 'row'"
    ).fetchall()
    return set(names)


def rows_of(entry: Any, columns: set[str]) -> tuple[list[Row], list[Row]]:
    """Rows that a check must take, and rows that it must refuse."""
    if isinstance(entry, list):
        (column,) = columns
        good, *bad = ({column: value} for value in entry)
        return [good], bad
    good = entry["good"]
    also = [good | changes for changes in entry.get("also", [])]
    return [good, *also], [good | changes for changes in entry["bad"]]


def is_taken(connection: duckdb.DuckDBPyConnection, row: Row) -> bool:
    marks = ", ".join("?" for _ in row)
    try:
        connection.execute(
            f"insert into row ({', '.join(row)}) values ({marks})", list(row.values())
        )
    except duckdb.ConstraintException:
        return False
    return True


def test_every_check_has_its_bad_rows(contracts: dict[str, Contract]) -> None:
    stated = [(model, name) for model, found in contracts.items() for name, _ in found.checks]
    assert sorted(ENTRIES) == sorted(stated)


@pytest.mark.parametrize(("model", "check"), ENTRIES)
def test_a_check_takes_good_rows_and_refuses_each_bad_one(
    model: str, check: str, contracts: dict[str, Contract], connection: duckdb.DuckDBPyConnection
) -> None:
    columns = create_table(connection, contracts[model], check)
    good, bad = rows_of(ROWS[model][check], columns)
    assert bad
    assert [row for row in [*good, *bad] if set(row) != columns] == []
    assert [row for row in good if not is_taken(connection, row)] == []
    assert [row for row in bad if is_taken(connection, row)] == []
