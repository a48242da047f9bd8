"""Late and corrected files of the dated feeds end in the warehouse that one night would build."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from .conftest import Retailer

pytestmark = pytest.mark.pipeline

MAPPINGS = {
    "headers": ("pos_transaction", "headers/headers_{business_date}.csv", {
        "store": "store_id", "till": "workstation_id", "receipt": "transaction_seq",
        "training": "training_flag", "cashier": "operator_id", "net": "total_net",
        "tax": "total_tax", "gross": "total_gross",
    }),
    "discounts": ("pos_discount", "discounts/discounts_{business_date}.csv", {
        "store": "store_id", "till": "workstation_id", "receipt": "transaction_seq",
        "line": "line_seq", "number": "mod_seq", "scope": "scope", "amount": "amount",
    }),
    "stock": ("stock_snapshot", "stock/stock_{business_date}.csv", {
        "place": "location_id", "item": "item_id", "on_hand": "on_hand",
    }),
    "changes": ("stock_snapshot", "changes/changes_{business_date}.csv", {
        "place": "location_id", "item": "item_id", "on_hand": "on_hand",
    }),
    "moves": ("stock_movement", "moves/moves_{business_date}.csv", {
        "number": "movement_id", "place": "location_id", "item": "item_id",
        "kind": "movement_type", "qty": "qty",
    }),
}  # fmt: skip

# 31 January 2026 ends a fiscal period: the first day of the next reads it as its opening stock.
DAYS = [date(2026, 1, 30) + timedelta(days=number) for number in range(4)]


def deliver(retailer: Retailer, name: str, day: date, rows: list[tuple]) -> Path:
    """Write one file of a feed, under its mapping's header."""
    _, files, columns = MAPPINGS[name]
    return retailer.write(files.format(business_date=day), [tuple(columns), *rows])


def deliver_stock(retailer: Retailer, day: date, on_hand: int) -> None:
    """The stock of S1: I1 moves, eleven other items do not, so one residual is below the limit."""
    still = [("S1", f"I{number}", 7) for number in range(12) if number != 1]
    deliver(retailer, "stock", day, [("S1", "I1", on_hand), *still])


def test_corrections_of_headers_discounts_and_stock_end_as_one_night_would(
    retailer: Retailer, fresh: Callable[[Retailer], Retailer]
) -> None:
    for name, (feed, files, columns) in MAPPINGS.items():
        pairs = "".join(f"  {own}: {theirs}\n" for own, theirs in columns.items())
        kind = "delta" if name == "changes" else "full"
        (retailer.settings.mappings / f"{name}.yml").write_text(
            f"feed: {feed}\nfiles: {files}\ndelivery: {kind}\ncolumns:\n{pairs}",
            encoding="utf-8",
        )
    sold = sum(float(row[8]) for row in retailer.read_day(DAYS[0])[:3] if row[4] == "sale")
    assert sold > 1
    for number, day in enumerate(DAYS):
        deliver_stock(retailer, day, on_hand=20 - number)
        deliver(retailer, "moves", day, [(f"V{number}", "S1", "I1", "sale", -1)])
    deliver(retailer, "discounts", DAYS[0], [("S1", 1, 1, 0, 1, "basket", "1.00")])
    # S2 delivers changes: what it says of I1 in January holds in February.
    deliver(retailer, "stock", date(2026, 1, 5), [("S2", "I1", 30), ("S2", "I2", 9)])
    deliver(retailer, "changes", date(2026, 1, 10), [("S2", "I1", 28)])
    deliver(retailer, "changes", DAYS[2], [("S2", "I2", 8)])
    deliver(retailer, "changes", DAYS[3], [("S2", "I2", 7)])
    moved = [("V3", "S1", "I1", "sale", -1), ("W3", "S2", "I2", "sale", -1)]
    deliver(retailer, "moves", DAYS[3], moved)
    assert retailer.run().exit_code == 0
    before = retailer.query(
        f"select sum(net_amount) from core.fct_sales where business_date = '{DAYS[0]}'"
    )[0][0]

    # Receipt 1 turns out to be training, the discount to be on receipt 2, and the last day of the
    # period to have had one piece more; the residual of two days changes.
    receipt = [row for row in retailer.read_day(DAYS[0]) if row[0] == "S1" and row[2] == "1"]
    deliver(retailer, "headers", DAYS[0], [("S1", 1, 1, "true", "E1", "0", "0", "0")])
    deliver(retailer, "discounts", DAYS[0], [("S1", 1, 2, 0, 1, "basket", "2.00")])
    deliver_stock(retailer, DAYS[1], on_hand=20)
    assert retailer.run().exit_code == 0

    signed = [float(row[8]) * (-1 if row[4] == "return" else 1) for row in receipt]
    after = retailer.query(
        f"select sum(net_amount) from core.fct_sales where business_date = '{DAYS[0]}'"
    )[0][0]
    assert float(after) == pytest.approx(float(before) + 1 - sum(signed) - 2)
    assert retailer.query(
        "select from_date, to_date, on_hand_quantity, residual_quantity "
        "from core.fct_inventory_snapshot where product_id = 'I1' and store_id = 'S1' order by 1"
    ) == [
        (DAYS[0], DAYS[0], 20, None),
        (DAYS[1], DAYS[1], 20, -1),
        (DAYS[2], DAYS[2], 18, 1),
        (DAYS[3], DAYS[3], 17, 0),
    ]

    february = (
        "select from_date, to_date, on_hand_quantity, residual_quantity "
        "from core.fct_inventory_snapshot "
        "where product_id = 'I1' and store_id = 'S2' and from_date >= '2026-02-01' order by 1"
    )
    assert retailer.query(february) == [(DAYS[2], DAYS[2], 28, None), (DAYS[3], DAYS[3], 28, 0)]

    # A night that corrects one day of changes in January, and nothing near February.
    deliver(retailer, "changes", date(2026, 1, 10), [("S2", "I1", 27)])
    assert retailer.run().exit_code == 0
    assert retailer.query(february) == [(DAYS[2], DAYS[2], 27, None), (DAYS[3], DAYS[3], 27, 0)]

    whole = fresh(retailer)
    assert whole.run().exit_code == 0
    assert whole.table_hashes() == retailer.table_hashes()
