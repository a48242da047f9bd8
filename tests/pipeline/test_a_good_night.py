"""Whole runs in a temporary house: what a good night leaves behind."""

from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest

from pipelines.status import read_state
from pipelines.window import Window

from .conftest import DAYS, FIRST_DAY

pytestmark = pytest.mark.pipeline


def test_the_published_total_is_what_the_files_say_to_the_cent(retailer):
    """The expected numbers are added up from the delivered files by Python, not by SQL."""
    net = gross_of_sales = Decimal(0)
    lines = 0
    receipts = set()
    for offset in range(DAYS):
        day = FIRST_DAY + timedelta(days=offset)
        for row in retailer.read_day(day):
            sign = -1 if row[4] == "return" else 1
            net += sign * Decimal(row[8])
            if sign == 1:
                gross_of_sales += Decimal(row[8]) + Decimal(row[9])
            lines += 1
            receipts.add((day, row[0], row[1], row[2]))
    assert retailer.query("select sum(net_amount), count(*) from core.fct_sales") == [(net, lines)]
    assert retailer.query("select sum(net_amount), count(*) from core.fct_basket") == [
        (net, len(receipts))
    ]
    assert retailer.query("select sum(gross_amount) from core.fct_basket") == [(gross_of_sales,)]
    for grain in ("day", "week", "period"):
        assert retailer.query(
            f"select sum(net_amount) from marts.store_performance where period_grain = '{grain}'"
        ) == [(net,)]
    assert retailer.query("select sum(net_amount) from marts.sales_trend") == [(net,)]
    assert retailer.query("select count(*) from meta.reconciliation where not is_equal") == [(0,)]


def test_what_has_no_feed_is_null_and_says_so(retailer):
    assert retailer.query(
        "select distinct margin_amount, margin_rate, margin_status from marts.store_performance"
    ) == [(None, None, "no feed")]
    assert retailer.query(
        "select status from meta.feed_status where feed_code = 'campaign_touch'"
    ) == [("no feed",)]


def test_a_second_run_changes_nothing_but_the_build_number(retailer):
    before = retailer.table_hashes()
    assert retailer.run().exit_code == 0
    assert retailer.build_id == "000002"
    assert retailer.table_hashes() == before
    assert len(before) >= 18


def test_rebuilding_one_day_again_changes_nothing(retailer):
    before = retailer.table_hashes()
    day = FIRST_DAY + timedelta(days=11)
    assert retailer.run(Window(day, day)).exit_code == 0
    assert retailer.table_hashes() == before


def test_corrections_late_files_and_new_items_end_where_a_full_build_ends(retailer, fresh):
    """Incremental equals full, by table hash, after each kind of change at once."""
    corrected, emptied = FIRST_DAY + timedelta(days=3), FIRST_DAY + timedelta(days=20)
    rows = retailer.read_day(corrected)
    retailer.write_day(corrected, [(*rows[0][:8], "99.99", *rows[0][9:]), *rows[2:]])
    late = [("S2", 9, 77, 1, "sale", "I3", 1, "each", "5.55", "0", "C99")]
    retailer.write_day(date(2025, 12, 1), late)
    retailer.write_day(emptied, [("S9", 1, 1, 1, "sale", "NEW", 1, "each", "1.00", "0", "")])
    retailer.write(
        "items/items_2026-02-01.csv",
        [("item", "name", "department", "category", "brand")]
        + [(f"I{n}", f"Item {n}", f"D{n % 2}", f"K{n % 3}", f"B{n % 3}") for n in range(12)],
    )
    outcome = retailer.run()
    assert outcome.exit_code == 0, outcome.reason
    assert retailer.query(
        "select sum(net_amount) from core.fct_sales where business_date = '2025-12-01'"
    ) == [(Decimal("5.55"),)]

    other = fresh(retailer)
    outcome = other.run()
    assert outcome.exit_code == 0, outcome.reason
    assert retailer.table_hashes() == other.table_hashes()


def test_a_window_leaves_later_files_for_later(retailer, fresh):
    other = fresh(retailer)
    last = FIRST_DAY + timedelta(days=30)
    assert other.run(Window(FIRST_DAY, last)).exit_code == 0
    assert other.query("select max(business_date) from core.fct_sales") == [(last,)]
    assert other.run().exit_code == 0
    assert other.table_hashes() == retailer.table_hashes()


def test_a_reader_keeps_its_build_while_the_next_is_published(retailer):
    with duckdb.connect(str(retailer.published), read_only=True) as reader:
        before = reader.execute("select sum(net_amount) from core.fct_sales").fetchone()
        retailer.write_day(
            FIRST_DAY + timedelta(days=DAYS),
            [("S1", 1, 1, 1, "sale", "I1", 1, "each", "7.00", "0", "C1")],
        )
        assert retailer.run().exit_code == 0
        assert reader.execute("select sum(net_amount) from core.fct_sales").fetchone() == before
    assert retailer.query("select sum(net_amount) from core.fct_sales") == [
        (before[0] + Decimal("7.00"),)
    ]


def test_a_quarantined_row_is_counted_where_everybody_sees_it(retailer):
    day = FIRST_DAY + timedelta(days=DAYS)
    good = [("S1", 1, n, 1, "sale", "I1", 1, "each", "7.00", "0", "C1") for n in range(400)]
    retailer.write_day(day, [*good, ("S1", 1, 999, 1, "sale", "I1", "oops", "each", "7", "0", "")])
    outcome = retailer.run()
    assert outcome.exit_code == 0, outcome.reason
    (row,) = retailer.query(
        "select row_count, loaded_count, quarantined_count, duplicate_count "
        "from meta.feed_status where feed_code = 'pos_line'"
    )
    assert row[2] == 1
    assert row[0] == row[1] + row[2] + row[3]
    state = read_state(retailer.settings)
    assert next(feed for feed in state.feeds if feed.feed == "pos_line").quarantined == 1
    assert state.as_json()["published"]["build_id"] == "000002"


def test_the_page_of_the_build_is_written_beside_it(retailer):
    page = (retailer.published.parent / "dashboard.html").read_text(encoding="utf-8")
    assert "<html" in page
    assert "http-equiv" in page
