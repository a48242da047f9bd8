"""Whole runs in a temporary house: what a good night leaves behind."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from pipelines.window import Window

from .conftest import DAYS, FIRST_DAY, WRITTEN_DAYS_AGO, Retailer
from .corrected_feeds import TURN, deliver, deliver_items, deliver_stock, map_dated_feeds

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


def test_every_table_and_column_of_the_published_file_is_described(retailer):
    described = "schema_name in ('core', 'marts', 'meta')"
    assert (
        retailer.query(
            f"""
            select schema_name, table_name, null from duckdb_tables()
            where coalesce(comment, '') = '' and {described}
            union all
            select schema_name, table_name, column_name from duckdb_columns()
            where coalesce(comment, '') = '' and {described}
            """
        )
        == []
    )
    ((count,),) = retailer.query(f"select count(*) from duckdb_columns() where {described}")
    assert count > 800


def test_a_second_run_changes_nothing_but_the_build_number(retailer):
    before = retailer.table_hashes()
    assert retailer.run().exit_code == 0
    assert retailer.build_id == "000002"
    assert retailer.table_hashes() == before
    assert len(before) >= 18


def test_the_page_of_the_build_is_written_beside_it(retailer):
    page = (retailer.published.parent / "dashboard.html").read_text(encoding="utf-8")
    assert "<html" in page
    assert "http-equiv" in page


def test_corrections_of_all_feeds_end_where_one_night_with_all_files_ends(
    retailer: Retailer, start_over: Callable[[Retailer], None]
) -> None:
    """By table hash, after three nights, each of which is also asked for what it changed.

    Versions of members are among it: the brand of I3 is B0 in January and Z from 1 February; then
    we hear that it was Y from 20 January.
    """
    at_first = product_keys_of(retailer)
    map_dated_feeds(retailer)
    sold = sum(float(row[8]) for row in retailer.read_day(TURN[0])[:3] if row[4] == "sale")
    assert sold > 1
    for number, day in enumerate(TURN):
        deliver_stock(retailer, day, on_hand=20 - number)
        deliver(retailer, "moves", day, [(f"V{number}", "S1", "I1", "sale", -1)])
    deliver(retailer, "discounts", TURN[0], [("S1", 1, 1, 0, 1, "basket", "1.00")])
    # S2 delivers changes: what it says of I1 in January holds in February.
    deliver(retailer, "stock", date(2026, 1, 5), [("S2", "I1", 30), ("S2", "I2", 9)])
    deliver(retailer, "changes", date(2026, 1, 10), [("S2", "I1", 28)])
    deliver(retailer, "changes", TURN[2], [("S2", "I2", 8)])
    deliver(retailer, "changes", TURN[3], [("S2", "I2", 7)])
    moved = [("V3", "S1", "I1", "sale", -1), ("W3", "S2", "I2", "sale", -1)]
    deliver(retailer, "moves", TURN[3], moved)
    deliver_items(retailer, date(2026, 2, 1), I3="Z")
    assert retailer.run().exit_code == 0
    dated = product_keys_of(retailer)
    assert_other_key(at_first, dated, "I3", date(2026, 2, 1), date(2026, 12, 31))
    before = net_amount_of(retailer, TURN[0])
    categories = categories_of(retailer)

    # Receipt 1 turns out to be training, the discount to be on receipt 2, and the last day of the
    # period to have had one piece more; the residual of two days changes.
    receipt = [row for row in retailer.read_day(TURN[0]) if row[0] == "S1" and row[2] == "1"]
    deliver(retailer, "headers", TURN[0], [("S1", 1, 1, "true", "E1", "0", "0", "0")])
    deliver(retailer, "discounts", TURN[0], [("S1", 1, 2, 0, 1, "basket", "2.00")])
    deliver_stock(retailer, TURN[1], on_hand=20)
    corrected, emptied = FIRST_DAY + timedelta(days=3), FIRST_DAY + timedelta(days=20)
    correct_sales(retailer, corrected, emptied)
    deliver_items(retailer, date(2026, 1, 20), I3="Y")
    deliver_items(retailer, date(2026, 2, 2), categories=3, I3="Z")
    outcome = retailer.run(Window(TURN[0], TURN[1]))
    assert outcome.exit_code == 0, outcome.reason

    signed = [float(row[8]) * (-1 if row[4] == "return" else 1) for row in receipt]
    assert float(net_amount_of(retailer, TURN[0])) == pytest.approx(
        float(before) + 1 - sum(signed) - 2
    )
    assert_told_as_late(retailer, date(2025, 12, 1), corrected, emptied)
    assert net_amount_of(retailer, date(2025, 12, 1)) == Decimal("5.55")
    assert net_amount_of(retailer, emptied) == Decimal("1.00")
    assert categories_of(retailer) == categories, "a window leaves later files for later nights"
    back_dated = product_keys_of(retailer)
    assert_other_key(dated, back_dated, "I3", date(2026, 1, 20), date(2026, 1, 31))
    assert retailer.query(
        """
        select distinct product.brand_name, product.is_current
        from core.fct_sales as sale inner join core.dim_product as product using (product_key)
        where sale.product_id = 'I3' order by 1
        """
    ) == [("B0", False), ("Y", False), ("Z", True)]
    assert retailer.query(
        "select from_date, to_date, on_hand_quantity, residual_quantity "
        "from core.fct_inventory_snapshot where product_id = 'I1' and store_id = 'S1' order by 1"
    ) == [
        (TURN[0], TURN[0], 20, None),
        (TURN[1], TURN[1], 20, -1),
        (TURN[2], TURN[2], 18, 1),
        (TURN[3], TURN[3], 17, 0),
    ]

    february = (
        "select from_date, to_date, on_hand_quantity, residual_quantity "
        "from core.fct_inventory_snapshot "
        "where product_id = 'I1' and store_id = 'S2' and from_date >= '2026-02-01' order by 1"
    )
    assert retailer.query(february) == [
        (TURN[2], TURN[2], 28, None),
        (TURN[3], TURN[3], 28, 0),
    ]

    # A night that corrects one day of changes in January, and of no fact near February.
    deliver(retailer, "changes", date(2026, 1, 10), [("S2", "I1", 27)])
    assert retailer.run().exit_code == 0
    assert retailer.query(february) == [
        (TURN[2], TURN[2], 27, None),
        (TURN[3], TURN[3], 27, 0),
    ]
    assert categories_of(retailer) != categories

    corrected_hashes = retailer.table_hashes()
    start_over(retailer)
    assert retailer.run().exit_code == 0
    assert retailer.table_hashes() == corrected_hashes


def correct_sales(retailer: Retailer, corrected: date, emptied: date) -> None:
    """Change a day and take a line from it, bring a day late, and leave one line of another day."""
    rows = retailer.read_day(corrected)
    retailer.write_day(corrected, [(*rows[0][:8], "99.99", *rows[0][9:]), *rows[2:]])
    late = [("S2", 9, 77, 1, "sale", "I3", 1, "each", "5.55", "0", "C99")]
    retailer.write_day(date(2025, 12, 1), late)
    retailer.write_day(emptied, [("S9", 1, 1, 1, "sale", "NEW", 1, "each", "1.00", "0", "")])


def assert_told_as_late(retailer: Retailer, *days: date) -> None:
    """The sales of the days came later than late_days: four tables of meta say so."""
    files = sorted(f"sales/sales_{day}.csv" for day in days)
    assert retailer.query(
        "select file_name, late_day_count, is_beyond_late_days from meta.late_file "
        "where feed_code = 'pos_line' order by 1"
    ) == [(name, WRITTEN_DAYS_AGO, True) for name in files]
    assert retailer.query(
        "select late_file_count from meta.feed_status where feed_code = 'pos_line'"
    ) == [(len(files),)]
    assert retailer.query(
        "select severity, unexpected_count from meta.gate_result "
        "where suite_name = 'audit.late_file' and status <> 'passed'"
    ) == [("warning", len(files))]
    causes = {cause for (cause,) in retailer.query("select cause from meta.restatement")}
    assert all(any(name in cause for cause in causes) for name in files), causes


Keys = dict[tuple[str, int], tuple[date, str, int]]


def product_keys_of(retailer: Retailer) -> Keys:
    """Date, item and key of the item's version, by line."""
    rows = retailer.query(
        "select receipt_id, line_number, business_date, product_id, product_key from core.fct_sales"
    )
    return {(row[0], row[1]): row[2:] for row in rows}


def assert_other_key(before: Keys, after: Keys, item: str, since: date, until: date) -> None:
    """Lines of the item on these dates have another version now, and no other line that stayed."""
    both = [(*before[line], after[line][2]) for line in before.keys() & after.keys()]
    expected = {(day, name) for day, name, *_ in both if name == item and since <= day <= until}
    assert expected
    assert {(day, name) for day, name, old, new in both if old != new} == expected


def net_amount_of(retailer: Retailer, day: date) -> Decimal:
    """What was sold on a day."""
    return retailer.query(
        f"select sum(net_amount) from core.fct_sales where business_date = '{day}'"
    )[0][0]


def categories_of(retailer: Retailer) -> list[tuple]:
    """The category of each item of which a master told."""
    return retailer.query(
        "select distinct product_id, category_name from core.dim_product "
        "where product_id in ('I1', 'I3', 'I7') order by 1"
    )
