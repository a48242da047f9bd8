"""The same project, the same rows, two engines: every table of the warehouse must be the same."""

import shutil
from pathlib import Path

import duckdb
import pytest
from engine_comparison import compare_table
from nights import REPLACED_TABLES, TABLES, Night
from retail_slice import CHANGED_DATE, VOIDED_DATE
from spark_home import SparkHome, skip_without_spark

from pipelines.settings import Settings

pytestmark = pytest.mark.spark

skip_without_spark("THE MODELS WERE NOT BUILT ON SPARK")


@pytest.mark.parametrize("table", TABLES)
def test_a_full_build_is_the_same_on_both_engines(first_night: Night, table: str) -> None:
    difference = first_night.differences[table]
    assert not difference.reasons, str(difference)


def test_both_engines_have_the_same_tables(first_night: Night) -> None:
    with duckdb.connect(str(first_night.warehouse), read_only=True) as connection:
        rows = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
    assert {f"{schema}.{name}" for schema, name in rows} == set(TABLES)
    assert first_night.spark_tables == set(TABLES)


EMPTY = {
    # No two records of the slice are left to the model, no link of one night has ended, what a
    # point is worth is told by each house, and the rules that are shipped keep everything.
    "core.fct_loyalty.liability_amount",
    "core.xref_customer_identity.link_weight",
    "core.xref_customer_identity.unlinked_at",
    "meta.retention_status.detail_weeks",
    # No feed tells of returned payments.
    "marts.credit_grade.returned_payment_count",
}
EMPTY_COLUMNS = {
    # Who gives in the slice sells none of it.
    "marts.transfer_suggestion": ("from_supply_before_days", "from_supply_after_days"),
    # Nobody complained long enough ago to be held against others.
    "marts.complaint_outcome": (
        "control_customer_count",
        "control_net_change_mean",
        "excess_net_change_amount",
    ),
    "marts.complaint_effect": (
        "net_change_mean",
        "control_net_change_mean",
        "excess_net_change_mean",
        "lower_excess_net_change_mean",
        "upper_excess_net_change_mean",
    ),
    # Gate 18 lets the fit pass, so that nothing is held back.
    "marts.customer_clv": ("score_reason",),
    # Nobody has three things to do, and no order is being talked about.
    "marts.customer_360": ("third_action_code", "open_opportunity_amount"),
    # No price of the slice is beyond belief.
    "meta.doubtful_line": (
        "receipt_id",
        "line_number",
        "business_date",
        "store_id",
        "product_id",
        "doubt_code",
        "told_amount",
        "credible_amount",
    ),
}


def test_the_slice_has_something_of_everything(
    homes: tuple[Settings, SparkHome], first_night: Night
) -> None:
    """Tables without rows and columns without values would be equal whatever the models said."""
    summary = first_night.summary
    assert len(summary.refused) == len(summary.strangers) == 1
    with duckdb.connect(str(homes[0].raw_database), read_only=True) as connection:
        # One line that cannot be read, two that contradict each other, one that came twice.
        assert connection.execute(
            "select sum(quarantined_count), sum(duplicate_count) from ledger.file "
            "where feed = 'pos_line' and file_name not like 'simulated/%'"
        ).fetchall() == [(3, 1)]
    empty = []
    with duckdb.connect(str(first_night.warehouse), read_only=True) as connection:
        # The erased customer's sale and return stand under the erased member.
        assert connection.execute(
            "select count(*) from core.fct_sales where customer_key = -3"
        ).fetchall() == [(2,)]
        reasons = connection.execute(
            "select distinct exclusion_reason from marts.comparable_store_day order by all"
        ).fetchall()
        assert [reason for (reason,) in reasons] == [
            "53rd week",
            "closed",
            "closed more than 7 days since last year",
            "no sales last year",
            "open date unknown",
            "opened too recently",
            None,
        ]
        for table in TABLES:
            names = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
            counts = connection.execute(
                f"select {', '.join(f'count({name})' for name in names)} from {table}"
            ).fetchall()[0]
            empty += [f"{table}.{n}" for n, count in zip(names, counts, strict=True) if not count]
    assert set(empty) == EMPTY | {
        f"{table}.{column}" for table, columns in EMPTY_COLUMNS.items() for column in columns
    }


def test_scores_that_are_compared_are_of_a_fit_that_gate_18_lets_pass(first_night: Night) -> None:
    """A fit that is refused leaves scores empty, and two empty columns are always equal."""
    with duckdb.connect(str(first_night.warehouse), read_only=True) as connection:
        gated = connection.execute(
            "select measure_code, is_within_gate from meta.model_quality "
            "where is_within_gate is not null order by all"
        ).fetchall()
        scored = connection.execute("select distinct score_code from marts.customer_clv").fetchall()
        ranked = connection.execute(
            "select distinct ranking_basis_code from marts.customer_priority"
        ).fetchall()
    assert gated == [("top_decile_capture", True), ("total_bias", True)]
    assert scored == [("scored",)]
    assert ranked == [("model",)]


@pytest.mark.parametrize("table", REPLACED_TABLES)
def test_the_tables_are_still_the_same_after_a_night_of_changes(
    second_night: Night, table: str
) -> None:
    difference = second_night.differences[table]
    assert not difference.reasons, str(difference)


def test_the_second_night_replaced_changed_days_and_followed_a_category(
    first_night: Night, second_night: Night
) -> None:
    with duckdb.connect(str(first_night.warehouse), read_only=True) as connection:
        ((later_dates,),) = connection.execute(
            "select count(distinct business_date) from core.fct_sales "
            "where product_id = 'I03' and business_date > ?",
            [VOIDED_DATE],
        ).fetchall()
    assert later_dates > 0
    # Two days of sales, one of stock, and those on which the item has another version since.
    assert second_night.changes.fact_date_count == 3 + later_dates
    assert second_night.changes.attribute_date_count > 50
    sales = []
    for night in (first_night, second_night):
        with duckdb.connect(str(night.warehouse), read_only=True) as connection:
            sales += connection.execute(
                "select count(*) filter (where business_date = ?), "
                "count(*) filter (where business_date = ?) from core.fct_sales",
                [CHANGED_DATE, VOIDED_DATE],
            ).fetchall()
    assert sales[0] > sales[1]
    assert sales[0][1] > 0
    assert sales[1][1] == 0


def test_one_cent_in_36_000_lines_is_reported_with_table_and_column(
    second_night: Night, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.duckdb"
    shutil.copyfile(second_night.warehouse, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(
            "update core.fct_sales set net_amount = net_amount + 0.01 "
            "where rowid = (select max(rowid) from core.fct_sales)"
        )
    spark_table = second_night.spark.table("core.fct_sales")
    told = str(compare_table(copy, spark_table, "core.fct_sales"))
    assert "core.fct_sales" in told
    assert "column net_amount differs in 1 row(s)" in told
    assert "column gross_amount" not in told
