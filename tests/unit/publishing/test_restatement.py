"""A published number never changes silently: the log says what it was, what it is, and why."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.feeds.ledger import insert_files
from pipelines.publishing.restatement import write_restatements

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 1, day) for day in (5, 6, 7))
NOON = datetime(2026, 1, 8, 12, tzinfo=UTC)

Day = tuple[date, str, str, int]


class Chain:
    """Builds of a chain that has nothing but days of stores."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.count = 0
        self.cohort_size = 7
        self.customers = ""
        self.raw = home / "raw.duckdb"

    def load(self, name: str, *dates: date) -> None:
        """Take a file into the ledger."""
        with duckdb.connect(str(self.raw)) as connection:
            row = connection.execute("select count(*) + 1 from ledger.file").fetchone()
            assert row is not None
            entry = {"file_id": row[0], "file_name": name, "status": "loaded"}
            insert_files(connection, [entry])
            for day in dates:
                connection.execute(
                    "insert into ledger.file_date values (?, 'pos_line', ?, 1)", [row[0], day]
                )

    def build(self, *days: Day) -> list[tuple[object, ...]]:
        """Build the days; returns what the log says of this build."""
        previous = self.home / f"{self.count}.duckdb"
        self.count += 1
        path = self.home / f"{self.count}.duckdb"
        with duckdb.connect(str(path)) as connection:
            for schema in ("core", "marts", "meta"):
                connection.execute(f"create schema {schema}")
            connection.execute(
                "create table marts.store_performance (period_grain varchar, "
                "period_start_date date, period_end_date date, store_id varchar, "
                "net_amount decimal(18,4), transaction_count bigint)"
            )
            for day, store, net, receipts in days:
                connection.execute(
                    "insert into marts.store_performance values ('day', ?, ?, ?, ?, ?)",
                    [day, day, store, Decimal(net), receipts],
                )
            connection.execute(
                "create table marts.cohort_retention as select date '2025-12-01' as cohort_month, "
                "0 as tenure_month, 'S1' as entry_store_id, 'store' as entry_channel, "
                "? as active_customer_count, 10 as net_amount",
                [self.cohort_size],
            )
            connection.execute(
                "create table core.fct_sales as "
                "select period_start_date as business_date from marts.store_performance"
            )
            connection.execute(self.customers)
            connection.execute(f"attach '{self.raw}' as raw (read_only)")
            connection.execute(
                "create table meta.run as select max(file_id) as last_file_id, "
                "? as published_at from raw.ledger.file",
                [NOON],
            )
        with duckdb.connect(str(path)) as connection:
            connection.execute("set timezone = 'UTC'")
            write_restatements(
                connection,
                previous=previous if previous.exists() else None,
                raw=self.raw,
                build_id=f"{self.count:06d}",
                published_at=NOON,
            )
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.execute(
                "select row_key, metric_name, old_value, new_value, cause from meta.restatement "
                "where build_id = ? order by row_key, metric_name",
                [f"{self.count:06d}"],
            ).fetchall()

    def log_length(self) -> int:
        """Rows of the whole log."""
        with duckdb.connect(str(self.home / f"{self.count}.duckdb"), read_only=True) as connection:
            row = connection.execute("select count(*) from meta.restatement").fetchone()
            assert row is not None
            return int(row[0])


@pytest.fixture
def chain(tmp_path: Path, empty_raw: Path) -> Chain:
    shutil.copyfile(empty_raw, tmp_path / "raw.duckdb")
    return Chain(tmp_path)


def key(day: date, store: str) -> str:
    return f"period_grain=day, period_start_date={day}, store_id={store}"


def test_a_new_day_restates_nothing(chain: Chain) -> None:
    chain.load("monday.csv", MONDAY)
    assert chain.build((MONDAY, "S1", "10", 1)) == []
    chain.load("tuesday.csv", TUESDAY)
    assert chain.build((MONDAY, "S1", "10", 1), (TUESDAY, "S1", "20", 2)) == []


def test_a_correction_is_logged_with_the_file_that_made_it(chain: Chain) -> None:
    chain.load("monday.csv", MONDAY)
    chain.build((MONDAY, "S1", "10", 1), (MONDAY, "S2", "5", 1))
    chain.load("monday_again.csv", MONDAY)
    chain.load("tuesday.csv", TUESDAY)
    found = chain.build((MONDAY, "S1", "12.50", 1), (MONDAY, "S2", "5", 1), (TUESDAY, "S1", "1", 1))
    assert found == [
        (key(MONDAY, "S1"), "net_amount", Decimal(10), Decimal("12.5"), "monday_again.csv")
    ]


def test_a_late_store_day_and_one_that_goes_have_one_value_only(chain: Chain) -> None:
    chain.load("monday.csv", MONDAY)
    chain.load("tuesday.csv", TUESDAY)
    chain.build((MONDAY, "S1", "10", 1), (TUESDAY, "S1", "20", 2))
    chain.load("late.csv", MONDAY)
    found = chain.build((MONDAY, "S1", "10", 1), (MONDAY, "S2", "7", 3))
    nobody = "no file of these days: masters or models changed"
    assert found == [
        (key(MONDAY, "S2"), "net_amount", None, Decimal(7), "late.csv"),
        (key(MONDAY, "S2"), "transaction_count", None, Decimal(3), "late.csv"),
        (key(TUESDAY, "S1"), "net_amount", Decimal(20), None, nobody),
        (key(TUESDAY, "S1"), "transaction_count", Decimal(2), None, nobody),
    ]


def test_a_day_after_the_last_published_one_is_news_and_no_restatement(chain: Chain) -> None:
    chain.build((MONDAY, "S1", "10", 1))
    assert chain.build((MONDAY, "S1", "10", 1), (WEDNESDAY, "S1", "1", 1)) == []


def test_the_log_is_handed_on_from_build_to_build(chain: Chain) -> None:
    chain.build((MONDAY, "S1", "10", 1))
    chain.build((MONDAY, "S1", "11", 1))
    assert chain.build((MONDAY, "S1", "11", 1)) == []
    assert chain.log_length() == 1
    assert len(chain.build((MONDAY, "S1", "10", 1))) == 1
    assert chain.log_length() == 2


def test_many_files_are_counted_and_not_all_named(chain: Chain) -> None:
    chain.build((MONDAY, "S1", "10", 1))
    for number in range(7):
        chain.load(f"{number}.csv", MONDAY)
    ((_, _, _, _, cause),) = chain.build((MONDAY, "S1", "17", 1))
    assert cause == "0.csv, 1.csv, 2.csv, 3.csv, 4.csv and 2 more"


def test_customers_that_were_linked_anew_are_named_as_the_cause(chain: Chain) -> None:
    """A new record restates nothing; one that had a link before does."""
    chain.build((MONDAY, "S1", "10", 1))
    with duckdb.connect(str(chain.raw)) as connection:
        connection.execute(
            """
            insert into identity.xref_customer_identity (source_id, linked_at, unlinked_at) values
                ('1', '2026-01-01', '2026-01-08 13:00'), ('1', '2026-01-08 13:00', null),
                ('2', '2026-01-01', '2026-01-08 11:00'), ('3', '2026-01-08 13:00', null)
            """
        )
    chain.cohort_size = 8
    ((name, metric, old, new, cause),) = chain.build((MONDAY, "S1", "10", 1))
    assert name == "cohort_month=2025-12-01, tenure_month=0, entry_store_id=S1, entry_channel=store"
    assert (metric, old, new) == ("active_customer_count", 7, 8)
    assert cause == "identity: 1 source record(s) linked anew"


def test_marts_of_stores_do_not_change_by_who_a_customer_is(chain: Chain) -> None:
    chain.build((MONDAY, "S1", "10", 1))
    with duckdb.connect(str(chain.raw)) as connection:
        connection.execute(
            "insert into identity.xref_customer_identity (source_id, linked_at, unlinked_at) "
            "values ('1', '2026-01-01', '2026-01-08 13:00')"
        )
    ((_, _, _, _, cause),) = chain.build((MONDAY, "S1", "11", 1))
    assert cause == "no file of these days: masters or models changed"


def test_a_number_that_ends_with_its_receipts_says_so(chain: Chain) -> None:
    chain.load("days.csv", MONDAY, TUESDAY)
    chain.build((MONDAY, "S1", "10", 2), (TUESDAY, "S1", "20", 3))
    with duckdb.connect(str(chain.raw)) as connection:
        connection.execute(
            "insert into retention.run values (?, ?, null)", [TUESDAY, NOON + timedelta(hours=1)]
        )
    changed = chain.build((TUESDAY, "S1", "21", 3))
    gone = "retention: receipts of older weeks are kept no longer"
    assert changed == [
        (key(MONDAY, "S1"), "net_amount", Decimal(10), None, gone),
        (key(MONDAY, "S1"), "transaction_count", Decimal(2), None, gone),
        (
            key(TUESDAY, "S1"), "net_amount", Decimal(20), Decimal(21),
            "no file of these days: masters or models changed",
        ),
    ]  # fmt: skip


def of_customers(second: str, *, as_of: str = "2026-01-06") -> str:
    """Tables of a build in which the second of two receipts is of this customer."""
    return f"""
        create or replace table core.fct_sales as select
            unnest(['r1', 'r2']) as receipt_id, 1 as line_number, 'S1' as store_id,
            unnest([date '2026-01-05', date '2026-01-06']) as business_date,
            unnest(['P1', '{second}']) as customer_id;
        create table core.dim_date as select date '2026-01-01' as fiscal_quarter_start_date,
            unnest([date '2026-01-05', date '2026-01-06']) as date_day;
        create table marts.rfm as select date '{as_of}' as as_of_date, 'new' as segment_code,
            customer_id, 5.0 as monetary_amount
        from core.fct_sales group by all;
        create table marts.household_habit as select
            date '2026-01-01' as fiscal_quarter_start_date, 'Coffee' as category_name,
            customer_id as household_id, count(*) as trip_count, 10.0 as net_amount
        from core.fct_sales group by all
    """


def unlink(chain: Chain) -> None:
    """Take a record from P1, after the build before; the build replaces its lines."""
    with duckdb.connect(str(chain.raw)) as connection:
        connection.execute(
            "insert into ledger.changed_business_date values (date '2026-01-06', false)"
        )
        connection.execute(
            "insert into identity.xref_customer_identity (source_id, customer_id, linked_at, "
            "unlinked_at) values ('2', 'P1', '2026-01-01', '2026-01-08 13:00')"
        )


def test_a_split_restates_marts_of_customers_and_lines_without_naming_them(chain: Chain) -> None:
    chain.customers = of_customers("P1")
    chain.build()
    unlink(chain)
    chain.customers = of_customers("P2")
    found = chain.build()
    cause = "identity: 1 source record(s) linked anew"
    habit = "fiscal_quarter_start_date=2026-01-01, category_name=Coffee"
    rfm = "as_of_date=2026-01-06, segment_code=new"
    assert found == [
        (rfm, "customer_count", 1, 2, cause),
        (rfm, "monetary_amount", 5, 10, cause),
        (habit, "household_count", 1, 2, cause),
        (habit, "net_amount", 10, 20, cause),
        ("store_id=S1, business_date=2026-01-06", "relinked_line_count", 0, 1, cause),
    ]
    assert not any("P1" in row[0] or "P2" in row[0] for row in found)


def test_scores_of_another_day_are_news_and_restate_nothing(chain: Chain) -> None:
    chain.customers = of_customers("P1")
    chain.build()
    chain.customers = of_customers("P1", as_of="2026-01-07")
    assert chain.build() == []


def test_lines_of_customers_that_kept_their_records_are_not_counted(chain: Chain) -> None:
    """As where a till put the customer of a receipt right: that is no change of identity."""
    chain.customers = of_customers("P3")
    chain.build()
    unlink(chain)
    chain.customers = of_customers("P2")
    assert [row[1] for row in chain.build()] == []


def of_value(second_tier: str, *, kept: int, cost: str, change: str) -> str:
    """Tables of a build in which the second of two customers is of this tier at the year's end."""
    return f"""
        insert into core.fct_sales values (date '2026-01-06');
        create table core.dim_date as select date '2025-10-01' as fiscal_quarter_start_date,
            date '2025-12-31' as date_day;
        create table marts.customer_value as select date '2025-12-31' as month_end_date,
            unnest(['A', '{second_tier}']) as value_tier_code, 5.0 as contribution_amount;
        create table marts.clv_curve as select date '2025-11-01' as cohort_month,
            1 as tenure_month, 2 as cohort_customer_count, null as contribution_amount,
            {cost} as acquisition_cost_amount;
        create table marts.retention_economics as select date '2025-12-01' as month_start_date,
            date '2025-12-31' as month_end_date, {kept} as kept_customer_count,
            null as acquisition_cost_amount, null as retention_cost_amount;
        create table marts.gain_loss as select date '2025-10-01' as fiscal_quarter_start_date,
            date '2025-07-01' as base_quarter_start_date, 'last_year' as basis_code,
            'all' as dimension_code, 'up' as movement_code, 1 as customer_count,
            {change} as net_change_amount
    """


def test_what_customers_are_worth_and_cost_is_told_as_sums(chain: Chain) -> None:
    chain.customers = of_value("A", kept=1, cost="null", change="3")
    chain.build()
    chain.load("december.csv", date(2025, 12, 24))
    chain.customers = of_value("B", kept=2, cost="15", change="4")
    december, year = "december.csv", "month_end_date=2025-12-31, value_tier_code="
    assert chain.build() == [
        (
            "cohort_month=2025-11-01, tenure_month=1", "acquisition_cost_amount", None, 15,
            december,
        ),
        (
            "fiscal_quarter_start_date=2025-10-01, basis_code=last_year, movement_code=up",
            "net_change_amount", 3, 4, december,
        ),
        (f"{year}A", "contribution_amount", 10, 5, december),
        (f"{year}A", "customer_count", 2, 1, december),
        (f"{year}B", "contribution_amount", None, 5, december),
        (f"{year}B", "customer_count", None, 1, december),
        ("month_start_date=2025-12-01", "kept_customer_count", 1, 2, december),
    ]  # fmt: skip
