"""What the page's figures are, on a file whose totals are known."""

from decimal import Decimal
from pathlib import Path

import duckdb
import published_file
import pytest

from pipelines.dashboard.database import open_published
from pipelines.dashboard.queries import baskets, customers, night, sales, stores


def test_key_figures_count_transactions_not_receipts(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    figures = night.key_figures(connection)
    assert figures["net_amount"] == published_file.NET_AMOUNT
    assert figures["transaction_count"] == 2 * published_file.DAYS
    assert figures["last_business_date"] == published_file.LAST_DATE


def test_key_figures_leave_out_days_whose_receipts_are_kept_no_longer(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    figures = night.key_figures(connection)
    assert figures["first_business_date"] == published_file.FIRST_DATE
    assert figures["business_date_count"] == published_file.DAYS
    assert figures["store_count"] == 2


def test_the_unknown_customer_is_not_a_customer(connection: duckdb.DuckDBPyConnection) -> None:
    figures = night.key_figures(connection)
    assert figures["customer_count"] == 1
    assert figures["identified_transaction_count"] == published_file.DAYS


def test_a_mean_needs_all_of_its_weeks(connection: duckdb.DuckDBPyConnection) -> None:
    weeks = sales.weekly_sales(connection)
    assert [week["net_amount"] for week in weeks] == [Decimal(1050)] * 14
    assert [week["net_amount_4_week_mean"] for week in weeks[:4]] == [None, None, None, 1050.0]
    assert sum(week["net_amount_13_week_mean"] is not None for week in weeks) == 2


def test_comparable_change_is_summed_before_it_is_divided(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    window = stores.ranking_window(connection, published_file.LAST_DATE)
    ranking = stores.store_ranking(connection, window["first_date"], window["last_date"])
    first, second = ranking
    assert (first["store_id"], first["net_rank"]) == ("A", 1)
    assert first["comparable_growth_rate"] == pytest.approx(0.25)
    assert first["margin_rate"] == pytest.approx(0.25)
    assert second["comparable_growth_rate"] is None
    assert second["comparable_exclusion_reason"] == "no sales last year"
    assert (second["margin_status"], second["margin_rate"]) == ("no feed", None)


def test_a_ranking_leaves_out_the_period_that_is_not_over(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    last_period = published_file.periods()[-1]
    window = stores.ranking_window(connection, last_period[1])
    assert window["period_count"] == 2
    assert window["is_complete"]
    assert window["last_date"] < last_period[1]


def test_a_ranking_takes_what_there_is_while_no_period_is_over(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    window = stores.ranking_window(connection, published_file.FIRST_DATE)
    assert window["period_count"] == 3
    assert not window["is_complete"]


def test_retention_adds_entry_stores_up_and_leaves_unripe_months_out(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    cells = {
        (row["cohort_month"].month, row["tenure_month"]): row
        for row in customers.cohort_cells(connection)
    }
    assert cells[2, 1]["retention_rate"] == pytest.approx(12 / 40)
    assert (3, 0) in cells
    assert (3, 1) not in cells


def test_pairs_are_ranked_within_their_period(connection: duckdb.DuckDBPyConnection) -> None:
    periods = baskets.pair_periods(connection, published_file.LAST_DATE)
    assert [row["fiscal_period_code"] for row in periods] == [
        "FY2017-P03",
        "FY2017-P02",
        "FY2017-P01",
    ]
    assert all(row["is_complete"] for row in periods)
    starts = [row["fiscal_period_start_date"] for row in periods]
    pairs = baskets.strongest_pairs(connection, "item", starts, 5)
    assert [pair["lift"] for pair in pairs] == [5.0, 4.0, 3.0]


def test_the_worst_rule_of_a_suite_is_named(tmp_path: Path) -> None:
    path = published_file.write_published_file(
        tmp_path / "warned.duckdb", failed_severity="warning"
    )
    with open_published(path) as connection:
        first, second = night.gate_results(connection)
    assert first["suite_name"] == "core.fct_basket"
    assert (first["rule_count"], first["failed_count"], first["critical_failed_count"]) == (2, 1, 0)
    assert first["worst_rule_description"] == "store_key is a store"
    assert first["worst_unexpected_count"] == 1234
    assert second["worst_rule_description"] is None


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError, match="nothing.duckdb"),
        open_published(tmp_path / "nothing.duckdb"),
    ):
        pass
