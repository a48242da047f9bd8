"""Every mart against numbers worked out by hand from tests/fixtures/hand_worked.

Receipts, named by their number (N, S, W are stores; anonymous ones have no customer):

    1 N 2025-03-09 C1  bread 2 = 5.50 (0.50 off, on promotion P1), butter 4.00     = 9.50
    4 W 2025-03-10 C4  milk 2 = 4.00
    2 N 2025-03-11 C2  soap 10.00
    3 S 2025-03-11 C3  bread 3.00, milk 2.00                                       = 5.00
    (51 Sundays, N and S: water 1.00 each, anonymous)                              = 102.00
   13 N 2025-04-08 C1  bread 3.00
   14 N 2025-04-08 C8  soap returned                                               = -10.00
   15 N 2025-05-13 C2  butter 2 = 8.00
    5 N 2026-03-08 C1  bread 3 = 9.00 (cost 6), butter 4.00 (cost 3); a void and a gift card = 13.00
    6 N 2026-03-08 -   milk 2.00, bag 0.10                                         = 2.10
   11 W 2026-03-09 C4  soap 10.00
    7 N 2026-03-10 C2  soap returned -10.00, butter 4.00                           = -6.00
    9 S 2026-03-10 C3  bread 3.00, milk 2.00, butter 4.00                          = 9.00
    8 N 2026-03-11 C5  bread 3.00, a coupon of quantity 0 on milk 0.25             = 3.25
   10 S 2026-03-12 C6  half a kilo of milk 1.50
   12 W 2026-03-14 C7  an item no master knows 5.00

All of it: 28.50 + 102.00 + 3.00 - 10.00 + 8.00 + 37.85 = 169.35.
"""

import math
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from pipelines.privacy import retention
from pipelines.privacy.retention_policy import Rule
from pipelines.settings import Settings

pytestmark = pytest.mark.slow

Query = Callable[..., list[tuple[Any, ...]]]

THIS_WEEK = date(2026, 3, 8)

OUTLASTING = {
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


def test_every_mart_states_the_whole(hand_worked: Query) -> None:
    whole = [(Decimal("169.35"),)]
    assert hand_worked("select sum(net_amount) from core.fct_sales") == whole
    assert hand_worked("select sum(net_amount) from marts.sales_trend") == whole
    for grain in ("day", "week", "period"):
        assert (
            hand_worked(
                "select sum(net_amount) from marts.store_performance where period_grain = ?", grain
            )
            == whole
        )
    # Known customers: 169.35 less 102.00 of water and 2.10 of receipt 6.
    known = hand_worked("select sum(net_amount) from marts.household_habit")
    assert known == [(Decimal("65.25"),)]
    # Cohorts: 65.25 less C8, who never bought (-10.00), and March 2026, not ended (35.75).
    ripe = hand_worked("select sum(net_amount) from marts.cohort_retention")
    assert ripe == [(Decimal("39.50"),)]


def test_store_week_adds_up_and_compares_only_what_compares(hand_worked: Query) -> None:
    rows = hand_worked(
        """
        select store_id, net_amount, gross_amount, returns_amount, transaction_count, unit_count,
            identified_transaction_count, net_amount_ly_aligned, comparable_net_amount,
            comparable_net_amount_ly, comparable_exclusion_reason, net_rank
        from marts.store_performance
        where period_grain = 'week' and period_start_date = ?
        order by store_id
        """,
        THIS_WEEK,
    )
    assert rows == [
        # 15.10 - 6.00 + 3.25; gross 22.35 less returns 10.00; units 6 (Sunday) + 0 + 1.
        # Sunday (15.10 against 9.50) and Tuesday (-6.00 against 10.00) compare, Wednesday had no
        # Wednesday a year before.
        ("N", Decimal("12.35"), Decimal("22.35"), Decimal(10), 4, Decimal(7), 3,
         Decimal("19.50"), Decimal("9.10"), Decimal("19.50"), None, 2),
        # Opened on 20 February 2025: 30 days later is 22 March, after the days looked back at.
        ("S", Decimal("10.50"), Decimal("10.50"), Decimal(0), 2, Decimal(4), 2,
         Decimal("5.00"), None, None, "opened too recently", 3),
        # In no master; the last date, 14 March, had no sales last year.
        ("W", Decimal("15.00"), Decimal("15.00"), Decimal(0), 2, Decimal(2), 2,
         Decimal("4.00"), None, None, "no sales last year", 1),
    ]  # fmt: skip


def test_store_ratios_divide_sums(hand_worked: Query) -> None:
    ((atv, upt, asp, area, growth, returns, status, margin),) = hand_worked(
        """
        select average_transaction_amount, units_per_transaction, average_selling_price,
            net_per_m2_amount, comparable_growth_rate, returns_rate, margin_status, margin_rate
        from marts.store_performance
        where period_grain = 'week' and period_start_date = ? and store_id = 'N'
        """,
        THIS_WEEK,
    )
    assert atv == pytest.approx(12.35 / 4)
    assert upt == pytest.approx(7 / 4)
    assert asp == pytest.approx(12.35 / 7)
    assert area == pytest.approx(12.35 / 100)
    assert growth == pytest.approx(9.10 / 19.50 - 1)
    assert returns == pytest.approx(10 / 22.35)
    # Receipt 5 alone has a cost: 13.00 - 6.00 - 3.00 = 4.00 of 13.00.
    assert (status, margin) == ("partial", pytest.approx(4 / 13))


def test_each_store_day_says_why_it_does_not_compare(hand_worked: Query) -> None:
    rows = hand_worked(
        "select store_id, business_date, exclusion_reason from marts.comparable_store_day "
        "where business_date >= ? order by store_id, business_date",
        THIS_WEEK,
    )
    assert rows == [
        ("N", date(2026, 3, 8), None),
        ("N", date(2026, 3, 10), None),
        ("N", date(2026, 3, 11), "no sales last year"),
        ("S", date(2026, 3, 10), "opened too recently"),
        ("S", date(2026, 3, 12), "opened too recently"),
        ("W", date(2026, 3, 9), "open date unknown"),
        ("W", date(2026, 3, 14), "no sales last year"),
    ]


def test_sales_trend_looks_back_a_year_and_over_weeks(hand_worked: Query) -> None:
    rows = hand_worked(
        """
        select department_name, net_amount, transaction_count, net_amount_ly_aligned,
            net_growth_ly_rate, net_amount_4_week_mean, net_amount_13_week_mean, seasonal_index
        from marts.sales_trend where fiscal_week_code = 'FY2026-W06' order by department_name
        """
    )
    food, home, unknown = rows
    # Receipts 5-10: 13.00 + 2.00 + 4.00 + 9.00 + 3.25 + 1.50; last year 9.50 + 5.00 + 4.00.
    # The three weeks before have two waters each, as have the 12, and 51 Sundays of the last 52
    # weeks, which also hold bread for 3.00 and butter for 8.00.
    assert food == (
        "Food", Decimal("32.75"), 6, Decimal("18.50"), pytest.approx(32.75 / 18.50 - 1),
        pytest.approx((2 + 2 + 2 + 32.75) / 4), pytest.approx((12 * 2 + 32.75) / 13),
        pytest.approx(32.75 / ((51 * 2 + 3 + 8 + 32.75) / 52)),
    )  # fmt: skip
    # A bag and a soap, less a soap returned; two receipts sold something. Receipt 2 last year.
    assert home[1:5] == (Decimal("0.10"), 2, Decimal("10.00"), pytest.approx(0.10 / 10 - 1))
    # First sold this week: nothing to grow from, no four weeks to take the mean of.
    assert unknown == ("Unknown", Decimal("5.00"), 1, Decimal(0), None, None, None, None)


def test_rfm_scores_seven_customers(hand_worked: Query) -> None:
    rows = hand_worked(
        """
        select customer_ref, recency_days, frequency_days, monetary_amount, rfm_code, segment_code,
            margin_amount, margin_score
        from marts.rfm
        inner join (select distinct customer_id, customer_ref from core.fct_sales)
            using (customer_id)
        order by customer_ref
        """
    )
    # Rank r of 7 from the worst scores 1 + floor(5 (r - 1) / 6), at most 5; six come on one day.
    # C8 only returned. C2's last good day is 13 May 2025; receipt 7 took back more than it sold.
    assert rows == [
        ("C1", 6, 2, Decimal("16.00"), "155", "previously_loyal", Decimal("4.00"), 1),
        ("C2", 305, 1, Decimal("2.00"), "111", "lost", None, None),
        ("C3", 4, 1, Decimal("9.00"), "314", "almost_lost", None, None),
        ("C4", 5, 1, Decimal("10.00"), "215", "dormant", None, None),
        ("C5", 3, 1, Decimal("3.25"), "412", "promising", None, None),
        ("C6", 2, 1, Decimal("1.50"), "511", "new", None, None),
        ("C7", 0, 1, Decimal("5.00"), "513", "new", None, None),
    ]


def test_cohorts_keep_silent_months_and_hide_the_running_one(hand_worked: Query) -> None:
    rows = hand_worked(
        """
        select tenure_month, cohort_customer_count, active_customer_count, retention_rate,
            net_amount, cumulative_net_amount, is_ripe
        from marts.cohort_retention
        where cohort_month = date '2025-03-01' and entry_store_id = 'N' order by tenure_month
        """
    )
    # C1 and C2: 9.50 + 10.00 in March, C1 3.00 in April, C2 8.00 in May, nine silent months.
    assert rows == [
        (0, 2, 2, 1.0, Decimal("19.50"), Decimal("19.50"), True),
        (1, 2, 1, 0.5, Decimal("3.00"), Decimal("22.50"), True),
        (2, 2, 1, 0.5, Decimal("8.00"), Decimal("30.50"), True),
        *((month, 2, 0, 0.0, Decimal(0), Decimal("30.50"), True) for month in range(3, 12)),
        (12, 2, None, None, None, None, False),
    ]


def test_cohorts_enter_by_store(hand_worked: Query) -> None:
    rows = hand_worked(
        """
        select cohort_month, entry_store_id, entry_channel, cohort_customer_count
        from marts.cohort_retention where tenure_month = 0 order by 1, 2
        """
    )
    march, year_later = date(2025, 3, 1), date(2026, 3, 1)
    assert rows == [
        (march, "N", "store", 2),
        (march, "S", "store", 1),
        (march, "W", "store", 1),
        (year_later, "N", "store", 1),
        (year_later, "S", "store", 1),
        (year_later, "W", "store", 1),
    ]


def test_affinity_finds_two_pairs(hand_worked: Query) -> None:
    categories, items = hand_worked(
        "select * exclude (fiscal_period_start_date) from marts.basket_affinity "
        "order by affinity_level"
    )
    # N and S, March 2025: six waters and receipts 1-3 are 9 baskets. Bakery in 1 and 3, dairy in 1
    # and 3. Chi-square 9 (9 x 2 - 2 x 2)^2 / (2 x 2 x 7 x 7) = 9.
    assert categories == (
        "category", "FY2025-P02", "town", "Bakery", "Bakery", "Dairy", "Dairy", 9, 2, 2, 2,
        pytest.approx(2 / 9), 1.0, 1.0, pytest.approx(9 * 2 / (2 * 2)),
        pytest.approx((2 + 10) / (2 * 2 / 9 + 10)),
        pytest.approx(2 / 9 - 2 / 9 * 2 / 9), pytest.approx(9),
    )  # fmt: skip
    # A year later two waters and receipts 5-10 are 8 baskets. Bread in 5, 8, 9; butter in 5, 7, 9;
    # both in 5 and 9. The bag is excluded; milk of quantity 0 in receipt 8 is no milk. The
    # categories meet in the same two, of 3 and 5: 8 (8 x 2 - 3 x 5)^2 / (3 x 5 x 5 x 3) = 0.04.
    assert items == (
        "item", "FY2026-P02", "town", "I1", "Bread", "I2", "Butter", 8, 3, 3, 2,
        pytest.approx(2 / 8), pytest.approx(2 / 3), pytest.approx(2 / 3),
        pytest.approx(8 * 2 / (3 * 3)), pytest.approx((2 + 10) / (3 * 3 / 8 + 10)),
        pytest.approx(2 / 8 - 3 / 8 * 3 / 8),
        pytest.approx(8 * (8 * 2 - 3 * 3) ** 2 / (3 * 3 * 5 * 5)),
    )  # fmt: skip


def test_two_who_are_bought_together_are_a_shelf(hand_worked: Query) -> None:
    rows = hand_worked(
        "select affinity_level, community_name, community_member_count, member_name, "
        "member_basket_count, neighbour_codes, strength, community_strength, modularity "
        "from marts.shelf_group order by all"
    )
    # The pairs above; a graph of one edge has modularity 0: all is within, by chance too.
    categories, items = (
        pytest.approx(math.log(12 / (chance + 10))) for chance in (2 * 2 / 9, 3 * 3 / 8)
    )
    assert rows == [
        ("category", "Bakery", 2, "Bakery", 2, "Dairy", categories, categories, 0),
        ("category", "Bakery", 2, "Dairy", 2, "Bakery", categories, categories, 0),
        ("item", "Bread", 2, "Bread", 3, "I2", items, items, 0),
        ("item", "Bread", 2, "Butter", 3, "I1", items, items, 0),
    ]


def test_household_habit_of_one_quarter(hand_worked: Query) -> None:
    rows = hand_worked(
        """
        select category_name, net_amount, unit_count, trip_count, category_share_rate, cycle_days,
            top_brand_name, brand_loyalty_rate, promoted_net_amount, promoted_share_rate
        from marts.household_habit
        where household_id = (select min(customer_id) from core.fct_sales where customer_ref = 'C1')
            and fiscal_quarter_code = 'FY2025-Q1' order by category_name
        """
    )
    # Bread on 9 March and 8 April, 30 days apart: 8.50 of 12.50. The till named a promotion once;
    # of the other lines nothing is known, since there is no coverage feed.
    assert rows == [
        ("Bakery", Decimal("8.50"), Decimal(3), 2, pytest.approx(8.5 / 12.5), 30.0,
         "Alpha", 1.0, Decimal("5.50"), 1.0),
        ("Dairy", Decimal("4.00"), Decimal(1), 1, pytest.approx(4 / 12.5), None,
         "Beta", 1.0, None, None),
    ]  # fmt: skip


def ask(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def rolled_house(
    copy_of_hand_worked: Settings,
    rebuild_hand_worked: Callable[[Settings], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    """A copy of the hand-worked house that keeps the receipts of ten weeks."""
    rolled = copy_of_hand_worked
    with duckdb.connect(str(rolled.raw_database)) as connection:
        connection.execute(
            "insert into ledger.file_date select distinct _file_id, 'pos_line', business_date, 1 "
            "from feeds.pos_line"
        )
    rule = Rule(entity="sales", country="*", detail_weeks=10, legal_basis="test")
    monkeypatch.setattr(retention, "read_policy", lambda path: [rule])
    monkeypatch.setattr(retention, "_is_current", lambda settings: True)
    assert retention.retain(rolled, rebuild=lambda: rebuild_hand_worked(rolled))
    return rolled


def test_stores_and_weeks_outlast_the_receipts_to_the_cent_and_customers_end_with_them(
    hand_worked_house: Settings, rolled_house: Settings
) -> None:
    """Over the real models and all their data tests, of which some hold sums against receipts."""
    before, after = hand_worked_house, rolled_house
    for table, columns in OUTLASTING.items():
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
