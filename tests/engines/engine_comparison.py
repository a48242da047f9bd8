"""Compares a table of DuckDB with the Parquet files of the same table built by Spark.

DuckDB reads both sides. A row's hash is over all its columns by name; doubles count to 6 digits,
since the engines may add them up in another order; moments are UTC without a zone.
"""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipelines.sql import fetch_one, literal, quote

NULL = "∅"
"""Stands for NULL in a row's text: no name in the slice holds it."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How two builds of a table differ; empty when they do not.

    Attributes:
        table: Name with schema.
        reasons: One sentence a difference, each naming the table's column where it can.
        row_count: Rows of DuckDB's table.
    """

    table: str
    reasons: list[str] = field(default_factory=list)
    row_count: int = 0

    def __str__(self) -> str:
        return "\n  ".join([f"{self.table}: DuckDB and Spark differ", *self.reasons])


def compare_table(warehouse: Path, spark_table: Path, table: str) -> Difference:
    """Compare one table of a DuckDB file with a directory of Parquet files.

    Args:
        warehouse: The DuckDB file.
        spark_table: Spark's directory of that table, partitioned or not.
        table: Schema and name, such as `core.fct_sales`.
    """
    if not any(spark_table.rglob("*.parquet")):
        return Difference(table=table, reasons=["Spark wrote no file of it"])
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {literal(str(warehouse))} as warehouse (read_only)")
        # A partition's value is told by its directory: as text, since DuckDB would guess a type.
        files = literal(str(spark_table / "**" / "*.parquet"))
        connection.execute(
            f"create view spark_table as select * from read_parquet({files}, "
            "hive_partitioning = true, hive_types_autocast = false)"
        )
        return _compare(connection, table, f"warehouse.{table}", "spark_table")


def _compare(
    connection: duckdb.DuckDBPyConnection, table: str, left: str, right: str
) -> Difference:
    types = dict(_columns(connection, left))
    other = dict(_columns(connection, right))
    row_count, *_ = fetch_one(connection, f"select count(*) from {left}")
    reasons = [f"column {name} is only in DuckDB's" for name in types if name not in other]
    reasons += [f"column {name} is only in Spark's" for name in other if name not in types]
    reasons += [
        f"column {name} is {kind} in DuckDB's and {other[name]} in Spark's"
        for name, kind in types.items()
        if name in other and not _is_same_type(kind, other[name], name)
    ]
    if reasons:
        return Difference(table=table, reasons=reasons, row_count=row_count)
    counts = [fetch_one(connection, f"select count(*) from {side}")[0] for side in (left, right)]
    if counts[0] != counts[1]:
        reasons.append(f"DuckDB's has {counts[0]} rows and Spark's {counts[1]}")
    fingerprints = [_fingerprint(connection, side, types) for side in (left, right)]
    if fingerprints[0] != fingerprints[1]:
        reasons.append("the row hashes differ")
        reasons += _differing_columns(connection, left, right, types)
        reasons += _example_rows(connection, left, right, types)
    return Difference(table=table, reasons=reasons, row_count=row_count)


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    described = connection.execute(f"describe select * from {relation}").fetchall()
    return [(row[0], row[1]) for row in described]


def _is_same_type(duckdb_type: str, spark_type: str, name: str) -> bool:
    """Whether the types hold the same values; dates of partitions come as text."""
    if duckdb_type == spark_type:
        return True
    if duckdb_type.startswith("TIMESTAMP"):
        return spark_type.startswith("TIMESTAMP")
    if "INT" in duckdb_type:
        return "INT" in spark_type
    return duckdb_type == "DATE" and spark_type == "VARCHAR" and name.endswith("_date")


def _text(name: str, kind: str) -> str:
    """A column as text that is the same on both sides."""
    column = quote(name)
    if kind in ("DOUBLE", "FLOAT"):
        # Minus zero is zero. No cast to decimal: it would not take infinity and NaN.
        value = f"cast(round({column}, 6) + 0.0 as varchar)"
    elif kind.startswith("TIMESTAMP"):
        value = f"cast(cast({column} as timestamp) as varchar)"
    elif "INT" in kind:
        value = f"cast(cast({column} as bigint) as varchar)"
    else:
        value = f"cast(cast({column} as {kind}) as varchar)"
    return f"coalesce({value}, {literal(NULL)})"


def _row_text(types: dict[str, str]) -> str:
    """All columns in one text; each with its length, so that no value can move to its neighbour."""
    texts = [_text(name, types[name]) for name in sorted(types)]
    return " || ".join(f"length({text}) || ':' || {text}" for text in texts)


def _fingerprint(
    connection: duckdb.DuckDBPyConnection, relation: str, types: dict[str, str]
) -> tuple[object, ...]:
    return fetch_one(
        connection,
        f"""
        select count(*), md5(string_agg(row_hash, '' order by row_hash))
        from (select md5({_row_text(types)}) as row_hash from {relation})
        """,
    )


def _differing_columns(
    connection: duckdb.DuckDBPyConnection, left: str, right: str, types: dict[str, str]
) -> list[str]:
    """The columns whose values, taken by themselves, are not the same ones as often."""
    reasons = []
    for name, kind in types.items():
        texts = [f"select {_text(name, kind)} from {side}" for side in (left, right)]
        (count,) = fetch_one(connection, f"select count(*) from ({texts[0]} except all {texts[1]})")
        if count:
            reasons.append(f"column {name} differs in {count} row(s)")
    return reasons or ["no column differs by itself: values stand in other rows"]


def _example_rows(
    connection: duckdb.DuckDBPyConnection, left: str, right: str, types: dict[str, str]
) -> list[str]:
    """A few rows that only one side has, whole."""
    columns = ", ".join(f"{_text(name, kind)} as {quote(name)}" for name, kind in types.items())
    reasons = []
    for side, one, other in (("DuckDB", left, right), ("Spark", right, left)):
        rows = connection.execute(
            f"select {columns} from {one} except all select {columns} from {other} "
            "order by all limit 2"
        ).fetchall()
        reasons += [f"only in {side}'s: {dict(zip(types, row, strict=True))}" for row in rows]
    return reasons
