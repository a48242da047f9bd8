"""Marts before and after weeks are rolled: the real models over what retention does to raw.duckdb.

The hand-worked house is built once more, with all its data tests, of which the reconciliations hold
sums against receipts.
"""

import shutil

import duckdb
import pytest

from pipelines.privacy import retention
from pipelines.privacy.retention_policy import Rule
from pipelines.settings import Settings

EQUAL = {
    "marts.store_performance": "*",
    "marts.comparable_store_day": "*",
    "marts.department_week": "* exclude (transaction_count)",
    "marts.sales_trend": "* exclude (transaction_count)",
    "core.fct_sales_week": "* exclude (is_rolled)",
    "core.fct_sales_day": "* exclude (is_rolled)",
    "core.dim_product": "*",
    "core.dim_store": "*",
    "meta.missing_store_day": "*",
}
"""What says the same of weeks whose receipts are gone."""


def ask(settings: Settings, query: str) -> list[tuple]:
    with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def houses(hand_worked_house, rebuild_hand_worked, tmp_path, monkeypatch):
    """The hand-worked house, and a copy of it that keeps the receipts of ten weeks."""
    rolled = Settings(home=tmp_path / "home")
    rolled.make_directories()
    for name in ("raw_database", "warehouse_database"):
        shutil.copyfile(getattr(hand_worked_house, name), getattr(rolled, name))
    with duckdb.connect(str(rolled.raw_database)) as connection:
        connection.execute(
            "insert into ledger.file_date select distinct _file_id, 'pos_line', business_date, 1 "
            "from feeds.pos_line"
        )
    rule = Rule(entity="sales", country="*", detail_weeks=10, legal_basis="test")
    monkeypatch.setattr(retention, "read_policy", lambda path: [rule])
    monkeypatch.setattr(retention, "_is_current", lambda settings: True)
    assert retention.retain(rolled, rebuild=lambda: rebuild_hand_worked(rolled))
    return hand_worked_house, rolled


def test_stores_and_weeks_say_the_same_to_the_cent_and_customers_end_where_receipts_do(houses):
    before, after = houses
    for table, columns in EQUAL.items():
        query = f"select {columns} from {table} order by all"
        assert ask(after, query) == ask(before, query), table
    ((first_kept,),) = ask(after, "select min(business_date) from core.fct_sales")
    ((last_rolled,),) = ask(
        after, "select max(business_date) from core.fct_sales_day where is_rolled"
    )
    assert ask(before, "select min(business_date) from core.fct_sales") < [(first_kept,)]
    assert last_rolled < first_kept
    # How many receipts a department had is not told by sums; of later weeks it is.
    trend = (
        "select transaction_count from marts.sales_trend "
        "where fiscal_week_start_date {} order by all"
    )
    rolled_counts = set(ask(after, trend.format(f"<= date '{last_rolled}'")))
    assert rolled_counts in ({(None,)}, {(None,), (0,)})
    kept = trend.format(f">= date '{first_kept}'")
    assert ask(after, kept) == ask(before, kept)
    # Nobody who bought before is a new customer.
    known = "select customer_id, acquired_date from core.fct_acquisition where {} order by all"
    old = ask(before, known.format(f"acquired_date <= date '{last_rolled}'"))
    assert old
    assert ask(after, known.format("is_rolled")) == old
    months = "select distinct cohort_month from marts.cohort_retention where {} order by all"
    cohorts = ask(before, months.format(f"cohort_month > date '{last_rolled}'"))
    assert ask(after, months.format("true")) == cohorts
    habits = f"marts.household_habit where fiscal_quarter_start_date <= date '{last_rolled}'"
    assert ask(after, f"select count(*) from {habits}") == [(0,)]
