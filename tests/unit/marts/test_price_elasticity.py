"""The elasticity against a regression by numpy with a dummy for each store and each week."""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.slow

Query = Callable[..., list[tuple[Any, ...]]]

STORES, WEEKS = "ABCDE", 9
FIRST = date(2026, 2, 1)
"""First day of FY2026-P01; nine weeks are its first two periods."""


def _draw_lines() -> list[dict[str, Any]]:
    """Items of different slopes; stores and weeks have levels of their own, and some sold nothing.

    Every store sells something on every day of trade, so that a week has seven of them.
    """
    draw = random.Random(20260404)
    lines = []
    for store in STORES:
        for day in range(7 * WEEKS):
            lines.append((store, FIRST + timedelta(days=day), "DAILY", 1, 100))
        level = {item: draw.uniform(20, 60) for item in ("I1", "I2", "I3")}
        for week in range(WEEKS):
            for item, slope in (("I1", -2.5), ("I2", -0.7), ("I3", 0.0)):
                cents = draw.choice([150, 180, 199, 220])
                mean = level[item] * (1 + week / 5) * (cents / 200) ** slope
                if draw.random() > 0.12:
                    sold = FIRST + timedelta(days=7 * week + draw.randrange(7))
                    quantity = max(1, round(mean * draw.lognormvariate(0, 0.2)))
                    lines.append((store, sold, item, quantity, cents))
    return [
        {
            "store_id": store,
            "workstation_id": "1",
            "transaction_seq": number,
            "business_date": sold,
            "line_seq": 1,
            "line_type": "sale",
            "item_id": item,
            "qty": quantity,
            "extended_amount": f"{quantity * cents / 100:.2f}",
        }
        for number, (store, sold, item, quantity, cents) in enumerate(lines)
    ]


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    return _draw_lines()


@pytest.fixture(scope="module")
def marts(
    lines: list[dict[str, Any]], build_marts: Callable[..., Iterator[Query]]
) -> Iterator[Query]:
    yield from build_marts({"pos_line": lines}, models=["price_elasticity"])


def _regression(lines: list[dict[str, Any]], item: str) -> tuple[int, float, float]:
    """Observations, slope and standard error by least squares with dummies."""
    weeks: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
    for line in lines:
        if line["item_id"] == item:
            price = float(line["extended_amount"]) / line["qty"]
            week = (line["business_date"] - FIRST).days // 7
            weeks[line["store_id"]].append((week, price, line["qty"] / 7))
    spans = {store: 1 + max(rows)[0] - min(rows)[0] for store, rows in weeks.items()}
    kept = [
        (store, *row)
        for store, rows in weeks.items()
        if len(rows) >= 4 and len(rows) >= 0.8 * spans[store]
        for row in rows
    ]
    design = np.zeros((len(kept), 1 + len(STORES) + WEEKS))
    for place, (store, week, price, _) in enumerate(kept):
        design[place, 0] = math.log(price)
        design[place, 1 + STORES.index(store)] = 1
        design[place, 1 + len(STORES) + week] = 1
    sold = np.log([quantity for *_, quantity in kept])
    beta, _, rank, _ = np.linalg.lstsq(design, sold, rcond=None)
    rest = sold - design @ beta
    variance = rest @ rest / (len(kept) - rank)
    error = math.sqrt(variance * np.linalg.pinv(design.T @ design)[0, 0])
    return len(kept), float(beta[0]), error


def test_the_elasticity_is_that_of_a_regression_with_a_dummy_for_each_store_and_week(
    marts: Query, lines: list[dict[str, Any]]
) -> None:
    found = marts(
        """
        select product_id, price_week_count, elasticity, elasticity_standard_error
        from marts.price_elasticity where product_id <> 'DAILY' order by product_id
        """
    )
    assert [row[0] for row in found] == ["I1", "I2", "I3"]
    for item, *told in found:
        assert told == pytest.approx(_regression(lines, item), abs=2e-6), item
    # a panel with gaps, or one round would do
    assert all(12 < row[1] < len(STORES) * WEEKS for row in found)


def test_what_has_one_price_has_no_elasticity(marts: Query) -> None:
    assert marts(
        "select price_week_count, elasticity, missing_reason from marts.price_elasticity "
        "where product_id = 'DAILY'"
    ) == [(len(STORES) * WEEKS, None, "one price")]
