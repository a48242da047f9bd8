"""Stock that is delivered as changes is, day by day, the stock that the shelves were drawn with."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.slow

Query = Callable[..., list[tuple[Any, ...]]]
Place = tuple[str, str, date]

STORES = ("A", "B", "C")
ITEMS = tuple(f"I{number}" for number in range(8))
# Three fiscal periods, which begin on 4 January, 1 February and 1 March 2026.
DAYS = [date(2026, 1, 20) + timedelta(days=number) for number in range(50)]


@dataclass
class Shelves:
    """What lay where at the end of each day, what moved, and how it was delivered."""

    on_hand: dict[Place, int] = field(default_factory=dict)
    moved: dict[Place, int] = field(default_factory=dict)
    full: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)

    def residual(self, place: Place) -> int | None:
        store, item, day = place
        opening = self.on_hand.get((store, item, day - timedelta(days=1)))
        told = any((store, other, day) in self.moved for other in ITEMS)
        if opening is None or not told:
            return None
        return opening + self.moved.get(place, 0) - self.on_hand[place]


def draw() -> Shelves:
    """Full extracts come weekly, each store's on its own weekday; only these drop an item."""
    random_state = random.Random(11)
    shelves = Shelves()
    for store_number, store in enumerate(STORES):
        stock = {item: random_state.randint(0, 9) for item in ITEMS[:6]}
        for number, day in enumerate(DAYS):
            is_full = number == 0 or number % 7 == 2 * store_number
            changed = set()
            for item in ITEMS:
                # The first item of the first store moves daily, so that each day has changes.
                always = store_number == 0 and item == ITEMS[0]
                if always or random_state.random() < 0.15:
                    before = stock.get(item)
                    stock[item] = (before or 0) + random_state.choice([-2, -1, 1, 3])
                    changed.add(item)
                    if before is not None and random_state.random() < 0.8:
                        shelves.moved[store, item, day] = stock[item] - before
                elif item in stock and random_state.random() < 0.05:
                    # What moved and the stock is silent on: within a run of quiet days.
                    shelves.moved[store, item, day] = 2
            if is_full and number and len(stock) > 3:
                del stock[random_state.choice(sorted(stock))]
            for item, quantity in stock.items():
                shelves.on_hand[store, item, day] = quantity
                row = {"business_date": day, "location_id": store, "item_id": item}
                if is_full:
                    shelves.full.append({**row, "on_hand": quantity})
                elif item in changed:
                    shelves.changes.append({**row, "on_hand": quantity})
    return shelves


@pytest.fixture(scope="module")
def shelves() -> Shelves:
    return draw()


@pytest.fixture(scope="module")
def warehouse(shelves: Shelves, build_marts: Callable[..., Iterator[Query]]) -> Iterator[Query]:
    moves = [
        {
            "movement_id": f"{store}-{item}-{day}",
            "location_id": store,
            "item_id": item,
            "business_date": day,
            "movement_type": "sale" if quantity < 0 else "receipt",
            "qty": quantity,
        }
        for (store, item, day), quantity in shelves.moved.items()
    ]
    yield from build_marts(
        {"stock_snapshot": shelves.full, "stock_movement": moves},
        changes={"stock_snapshot": shelves.changes},
        models=["fct_inventory_snapshot"],
    )


def test_each_day_has_the_stock_and_the_residual_that_were_drawn(
    shelves: Shelves, warehouse: Query
) -> None:
    found = {
        (store, item, day): (on_hand, residual)
        for store, item, day, on_hand, residual in warehouse(
            "select store_id, product_id, date_day, on_hand_quantity, residual_quantity "
            "from core.fct_inventory_snapshot "
            "inner join core.dim_date on date_day between from_date and to_date"
        )
    }
    assert found == {
        place: (quantity, shelves.residual(place)) for place, quantity in shelves.on_hand.items()
    }
    residuals = [residual for _, residual in found.values()]
    # The draw has all that could go wrong: silent rows, unknown days, and books that do not agree.
    assert len(shelves.full) + len(shelves.changes) < len(found) / 2
    assert None in residuals
    assert sum(residual is not None and residual != 0 for residual in residuals) > 20
