"""Three stores and five items over four weeks, small enough to add up by hand.

The weeks begin on Sundays 1, 8, 15 and 22 March 2026, and every day of them is told. Store N has
apples, bananas, coffee and dates, store S apples, coffee and from 15 March on eggs, store W tells
nothing of its stock. Bananas are out in N from 15 to 17 March; nine come on the 18th.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.slow

Query = Callable[..., list[tuple[Any, ...]]]

DAYS = [date(2026, 3, 1) + timedelta(days=number) for number in range(28)]
THIRD_WEEK, FOURTH_WEEK = date(2026, 3, 15), date(2026, 3, 22)
OUT = {date(2026, 3, day) for day in (15, 16, 17)}
CATEGORIES = {
    "apples": "Fruit",
    "bananas": "Fruit",
    "dates": "Fruit",
    "coffee": "Dry",
    "eggs": "Dry",
}
PRICES = {"apples": 3, "bananas": 4, "coffee": 10}


def shelf(store: str, item: str, day: date) -> int | None:
    """What lies there at the end of a day, or None where the item is not carried."""
    if (store, item) == ("N", "bananas"):
        return 0 if day in OUT else 5
    if (store, item) == ("S", "eggs"):
        return 3 if day >= THIRD_WEEK else None
    return {
        ("N", "apples"): 20,
        ("N", "coffee"): 90,
        ("N", "dates"): 7,
        ("S", "apples"): 10,
        ("S", "coffee"): 9,
    }.get((store, item))


def sold(store: str, item: str, day: date) -> int:
    """How many are sold on a day."""
    if (store, item) == ("N", "bananas"):
        return int(day not in OUT)
    if (store, item) == ("N", "coffee"):
        return int(day.day % 2 == 0)
    return {
        ("N", "apples"): 2,
        ("S", "apples"): 1,
        ("S", "coffee"): 1,
        ("W", "apples"): 5,
    }.get((store, item), 0)


@pytest.fixture(scope="module")
def warehouse(build_marts: Callable[..., Iterator[Query]]) -> Iterator[Query]:
    places = [(store, item, day) for store in "NSW" for item in CATEGORIES for day in DAYS]
    lines = [
        {
            "store_id": store,
            "workstation_id": "1",
            "transaction_seq": number,
            "business_date": day,
            "line_seq": 1,
            "line_type": "sale",
            "item_id": item,
            "qty": quantity,
            "extended_amount": quantity * PRICES[item],
        }
        for number, (store, item, day) in enumerate(places)
        if (quantity := sold(store, item, day))
    ]
    stock = [
        {
            "business_date": day,
            "location_id": store,
            "item_id": item,
            "on_hand": on_hand,
            "ranged_flag": True,
            "unit_cost": 2,
        }
        for store, item, day in places
        if (on_hand := shelf(store, item, day)) is not None
    ]
    receipt = {
        "movement_id": "m1",
        "location_id": "N",
        "item_id": "bananas",
        "business_date": date(2026, 3, 18),
        "movement_type": "receipt",
        "qty": 9,
    }
    masters = [
        {"item_id": item, "level_2": category, "extract_date": DAYS[0]}
        for item, category in CATEGORIES.items()
    ]
    yield from build_marts(
        {
            "pos_line": lines,
            "stock_snapshot": stock,
            "stock_movement": [receipt],
            "item": masters,
        },
        models=["inventory_health", "store_item", "stock_ageing"],
    )


def test_a_rate_is_of_the_days_in_stock_before_the_week_or_of_the_category(
    warehouse: Query,
) -> None:
    rates = warehouse(
        "select store_id, product_id, average_daily_units, rate_source_code, net_per_unit "
        "from marts.store_item_rate where fiscal_week_start_date = ? order by 1, 2",
        THIRD_WEEK,
    )
    # Of the first two weeks: 28 apples in 14 days, 14 bananas, 7 packs of coffee on even days.
    assert rates == [
        ("N", "apples", 2, "item", 3),
        ("N", "bananas", 1, "item", 4),
        ("N", "coffee", 0.5, "item", 10),
        ("N", "dates", 0, "item", None),
        ("S", "apples", 1, "item", 3),
        ("S", "coffee", 1, "item", 10),
    ]
    # Eggs have stood for seven days: 21 packs of coffee in 21 days and no egg in 7, 21 / 28.
    assert warehouse(
        "select average_daily_units, rate_source_code from marts.store_item_rate "
        "where product_id = 'eggs'"
    ) == [(0.75, "category")]


def test_a_week_tells_what_sold_from_what_stock_and_at_which_place(warehouse: Query) -> None:
    weeks = warehouse(
        "select store_id, product_id, quantity, net_amount, in_stock_day_count, out_day_count, "
        "opening_quantity, receipt_quantity, closing_quantity, in_stock_daily_units, "
        "round(sell_through_rate, 4), supply_days, item_rank_in_store, store_rank_for_item "
        "from marts.store_item where fiscal_week_start_date = ? order by 1, 2",
        THIRD_WEEK,
    )
    # Four bananas of the 5 that lay there and the 9 that came: 4 / 14.
    assert weeks == [
        ("N", "apples", 14, 42, 7, 0, 20, 0, 20, 2, 0.7, 10, 1, 2),
        ("N", "bananas", 4, 16, 4, 3, 5, 9, 5, 1, 0.2857, 5, 3, 1),
        ("N", "coffee", 3, 30, 7, 0, 90, 0, 90, 3 / 7, 0.0333, 180, 2, 2),
        ("S", "apples", 7, 21, 7, 0, 10, 0, 10, 1, 0.7, 10, 2, 3),
        ("S", "coffee", 7, 70, 7, 0, 9, 0, 9, 1, 0.7778, 9, 1, 1),
        ("W", "apples", 35, 105, None, None, None, 0, None, None, None, None, 1, 1),
    ]


def test_each_item_has_a_state_and_three_bananas_are_lost(warehouse: Query) -> None:
    states = warehouse(
        "select store_id, product_id, stock_state_code, min(from_date), max(to_date), "
        "max(unsold_days), sum(lost_units), sum(lost_net_amount) from marts.inventory_health "
        "where fiscal_week_start_date = ? group by all order by 1, 2, 4",
        THIRD_WEEK,
    )
    first, last = THIRD_WEEK, THIRD_WEEK + timedelta(days=6)
    assert states == [
        ("N", "apples", "ok", first, last, 0, 0, 0),
        ("N", "bananas", "out", first, date(2026, 3, 17), None, 3, 12),
        ("N", "bananas", "low", date(2026, 3, 18), last, 0, 0, 0),
        # Coffee sells on even days, so that on odd ones the last sale is a day old.
        ("N", "coffee", "over", first, last, 1, 0, 0),
        ("N", "dates", "dead", first, last, None, 0, 0),
        ("S", "apples", "ok", first, last, 0, 0, 0),
        ("S", "coffee", "ok", first, last, 0, 0, 0),
        ("S", "eggs", "ok", first, last, None, 0, 0),
    ]


def test_stock_is_as_old_as_its_last_delivery_and_its_last_sale(warehouse: Query) -> None:
    bands = warehouse(
        "select age_basis_code, age_band_code, item_count, on_hand_quantity, stock_cost_amount "
        "from marts.stock_ageing where store_id = 'N' and category_name = 'Fruit' order by 1, 2"
    )
    # On 28 March the bananas came ten days ago, and sold today like the apples; dates never did.
    assert bands == [
        ("delivery", "8-14", 1, 5, 10),
        ("delivery", "older", 2, 27, 54),
        ("sale", "0-7", 2, 25, 50),
        ("sale", "older", 1, 7, 14),
    ]
