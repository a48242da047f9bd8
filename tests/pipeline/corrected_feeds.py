"""Deliveries of the dated feeds beside sales, which a night corrects."""

from datetime import date, timedelta
from pathlib import Path

from .conftest import Retailer

FEEDS = {
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
TURN = [date(2026, 1, 30) + timedelta(days=number) for number in range(4)]


def map_dated_feeds(retailer: Retailer) -> None:
    """Write a mapping a feed; only the one of changes says that its files are no full extracts."""
    for name, (feed, files, columns) in FEEDS.items():
        pairs = "".join(f"  {own}: {theirs}\n" for own, theirs in columns.items())
        kind = "delta" if name == "changes" else "full"
        (retailer.settings.mappings / f"{name}.yml").write_text(
            f"feed: {feed}\nfiles: {files}\ndelivery: {kind}\ncolumns:\n{pairs}",
            encoding="utf-8",
        )


def deliver(retailer: Retailer, name: str, day: date, rows: list[tuple]) -> Path:
    """Write one file of a feed, under its mapping's header."""
    _, files, columns = FEEDS[name]
    return retailer.write(files.format(business_date=day), [tuple(columns), *rows])


def deliver_stock(retailer: Retailer, day: date, on_hand: int) -> None:
    """The stock of S1: I1 moves, eleven other items do not, so one residual is below the limit."""
    still = [("S1", f"I{number}", 7) for number in range(12) if number != 1]
    deliver(retailer, "stock", day, [("S1", "I1", on_hand), *still])


def deliver_items(retailer: Retailer, day: date, *, categories: int = 4, **brands: str) -> None:
    """The item master of a day: as on the first one, but for what is named."""
    retailer.write(
        f"items/items_{day}.csv",
        [("item", "name", "department", "category", "brand")]
        + [
            (
                f"I{n}",
                f"Item {n}",
                f"D{n % 2}",
                f"K{n % categories}",
                brands.get(f"I{n}", f"B{n % 3}"),
            )
            for n in range(12)
        ],
    )
