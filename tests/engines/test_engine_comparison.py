"""The comparison of the engines can fail: on a cent, a row, a type, a column, a swap of values."""

from pathlib import Path

import duckdb
import pytest
from engine_comparison import Difference, compare_table

ROWS = """
select * from (values
    (1::bigint, 'Ä', 10.0000::decimal(18, 4), 0.1::double, date '2026-01-01', true,
        timestamp '2026-01-01 23:59:59.123456'),
    (2, 'b', 20.0000, null, date '2026-01-01', false, null),
    (3, null, 20.0000, -0.0::double, date '2026-01-02', null, timestamp '2026-01-02 00:00:00')
) as sale (sale_key, name, net_amount, share_rate, business_date, is_sale, sold_at)
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core")
        connection.execute(f"create table core.sale as {ROWS}")
    return path


def compare(warehouse: Path, query: str, partition: str = "") -> Difference:
    """Compare the table of the fixture with what a query gives, written as Spark would."""
    directory = warehouse.parent / "spark"
    options = f", partition_by ({partition})" if partition else ""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        target = directory if partition else directory / "part.parquet"
        directory.mkdir()
        connection.execute(
            f"copy ({query}) to '{target}' (format parquet{options}, overwrite_or_ignore)"
            if partition
            else f"copy ({query}) to '{target}' (format parquet)"
        )
    return compare_table(warehouse, directory, "core.sale")


def changed(column: str, value: str, condition: str) -> str:
    return (
        f"select * replace (case when {condition} then {value} else {column} end as {column}) "
        f"from ({ROWS})"
    )


def test_equal_tables_do_not_differ(warehouse: Path) -> None:
    found = compare(warehouse, f"select * from ({ROWS}) order by sale_key desc")
    assert (found.reasons, found.row_count) == ([], 3)


def test_partitions_zoned_moments_and_narrow_integers_are_the_same_values(warehouse: Path) -> None:
    query = (
        "select * replace (sale_key::integer as sale_key, "
        f"sold_at::timestamp at time zone 'UTC' as sold_at) from ({ROWS})"
    )
    assert compare(warehouse, query, partition="business_date").reasons == []


def test_the_seventh_digit_of_a_double_does_not_count(warehouse: Path) -> None:
    query = changed("share_rate", "0.1 + 1e-12", "sale_key = 1")
    assert compare(warehouse, query).reasons == []


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (changed("net_amount", "10.01", "sale_key = 1"), "column net_amount differs in 1 row(s)"),
        (changed("share_rate", "0.100002", "sale_key = 1"), "column share_rate differs in 1"),
        (changed("share_rate", "0.0", "sale_key = 2"), "column share_rate differs in 1"),
        (changed("name", "''", "name is null"), "column name differs in 1"),
        (changed("sold_at", "sold_at + interval 1 hour", "true"), "column sold_at differs in 2"),
        (changed("name", "case name when 'b' then 'Ä' else 'b' end", "sale_key < 3"), "other rows"),
        (f"select * from ({ROWS}) where sale_key < 3", "DuckDB's has 3 rows and Spark's 2"),
        (f"{ROWS} union all select * from ({ROWS}) where sale_key = 1", "3 rows and Spark's 4"),
        (f"select * exclude (is_sale) from ({ROWS})", "column is_sale is only in DuckDB's"),
        (f"select *, 1 as more from ({ROWS})", "column more is only in Spark's"),
        (
            f"select * replace (net_amount::double as net_amount) from ({ROWS})",
            "column net_amount is DECIMAL(18,4) in DuckDB's and DOUBLE in Spark's",
        ),
    ],
)
def test_what_differs_is_named(warehouse: Path, query: str, reason: str) -> None:
    found = compare(warehouse, query)
    assert reason in str(found)
    assert "core.sale" in str(found)


def test_a_table_that_spark_did_not_write_differs(warehouse: Path) -> None:
    found = compare_table(warehouse, warehouse.parent / "nothing", "core.sale")
    assert found.reasons == ["Spark wrote no file of it"]
