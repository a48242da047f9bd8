"""The slice of data that both engines build: 104 trading days of a made-up retailer, as files.

Small, yet every mart has rows of it: four dense weeks on either side of two turns of the fiscal
year, 364 days apart, and a Sunday a week between them, so that no store was closed for long. Among
the lines is everything the models decide about: returns, voids, gift cards, weighed goods, blank
and unknown references, texts beyond ASCII, repeats and conflicts, rows and files that are refused.
"""

import csv
import io
import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

LAST_YEAR = date(2025, 1, 19)
"""First day of four dense weeks; fiscal year 2025 begins in the middle, on 2 February."""

THIS_YEAR = LAST_YEAR + timedelta(days=364)
"""First day of the four weeks that are compared with them; they end on 14 February 2026."""

CHANGED_DATE = THIS_YEAR + timedelta(days=24)
"""The day whose sales file comes again with other amounts."""

VOIDED_DATE = CHANGED_DATE + timedelta(days=1)
"""The day whose sales file comes again with every line void: no row of it may stay."""

STORES = ("1", "S-2", "Zürich", "Łódź Ⅳ", "new", "no-master")
CLOSED_STORE = "closed"

PAIRS = {"I01": "I02", "I05": "Ö-Öl", "I11": "I12"}
"""Items that pull another one into the basket."""

_RECEIPTS_OF_STORE = {"1": 30, "S-2": 24, "Zürich": 20, "Łódź Ⅳ": 14, "new": 10, "no-master": 6}

SALES = (
    "store_id",
    "workstation_id",
    "transaction_seq",
    "line_seq",
    "line_type",
    "void_flag",
    "item_id",
    "qty",
    "uom",
    "extended_amount",
    "line_discount",
    "store_coupon_amount",
    "manufacturer_coupon_amount",
    "tax_amount",
    "unit_cost",
    "sold_at",
    "customer_ref",
    "channel",
    "promotion_id",
)

MAPPINGS = {
    "pos_line": ("sales/sales_{business_date}.csv", SALES),
    "item": (
        "items/items_{extract_date}.csv",
        (
            *("item_id", "item_name", "level_1", "level_2", "level_3", "brand"),
            *("is_private_label", "gtin", "pack_size", "season", "climate_tag", "manufacturer_id"),
            *("launch_date", "delist_date"),
        ),
    ),
    "store": (
        "stores/stores_{extract_date}.csv",
        (
            *("store_id", "store_name", "open_date", "selling_area_m2", "cluster", "region"),
            *("format", "district", "climate_zone", "time_zone", "country"),
            *("remodel_date", "close_date"),
        ),
    ),
    "crm_customer": (
        "customers/customers_{extract_ts}.csv",
        (
            *("source_system", "source_customer_id", "op", "customer_type", "birth_date"),
            *("created_ts", "home_store_id", "acquisition_channel", "gender", "country"),
            *("age_band", "income_band", "marital_status", "home_ownership", "household_size"),
            *("household_composition", "children_count"),
        ),
    ),
    "promotion": (
        "promotions/promotions_{extract_date}.csv",
        (
            *("promotion_id", "promotion_name", "mechanic", "start_date", "end_date"),
            *("promotion_type", "display", "ad", "funding"),
        ),
    ),
    "promo_coverage": (
        "coverage/coverage_{from_date}.csv",
        ("promotion_id", "item_id", "store_id", "to_date"),
    ),
    "campaign": (
        "campaigns/campaigns_{extract_date}.csv",
        (
            *("campaign_id", "campaign_name", "start_date", "end_date", "budget", "cost"),
            *("campaign_type", "objective"),
        ),
    ),
    "campaign_touch": (
        "touches/touches_{event_date}.csv",
        ("campaign_id", "cell_id", "customer_ref", "event"),
    ),
    "coupon_redemption": (
        "coupons/coupons_{redeemed_date}.csv",
        ("coupon_code", "customer_ref", "campaign_id"),
    ),
}
"""By feed: the name of its files, and the columns of the file, named as in the contract."""


def write_mappings(directory: Path) -> None:
    """Write a mapping a feed, as changes, since the second extracts are small; two for sales.

    Files with bad rows are loaded one by one, at 0.2 CPU seconds each: late sales stand apart, so
    that the other 104 files of sales are one batch.
    """
    for feed, (files, columns) in MAPPINGS.items():
        _write_mapping(directory / f"{feed}.yml", feed, files, columns)
    _write_mapping(directory / "late.yml", "pos_line", "late/sales_{business_date}.csv", SALES)


def _write_mapping(path: Path, feed: str, files: str, columns: Iterable[str]) -> None:
    lines = [f"feed: {feed}", f"files: {files}", "delivery: delta", "columns:"]
    lines += [f"  {column}: {column}" for column in columns]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_slice(landing: Path) -> None:
    """Write the files of the first delivery."""
    _write_master(landing)
    for day in trading_days():
        _write_sales(landing, day, _lines_of(day))
    # A file whose name no mapping knows, one without its columns, and one that came twice.
    _write(landing, "sales/readme.csv", ("a",), [("b",)])
    _write(landing, f"sales/sales_{LAST_YEAR - timedelta(days=1)}.csv", SALES[3:], [SALES[3:]])
    # Another file of the last day: a line that is known, one that contradicts, one not readable.
    last_day = THIS_YEAR + timedelta(days=27)
    known = _lines_of(last_day)[:2]
    contradicting = [*known[1]]
    contradicting[SALES.index("extended_amount")] = "77.77"
    unreadable = [*known[1]]
    unreadable[SALES.index("qty")] = "many"
    late = f"late/sales_{last_day}.csv"
    _write(landing, late, SALES, [known[0], contradicting, unreadable])


def write_changes_of_one_night(landing: Path) -> None:
    """Write the second delivery: two days' files anew, and an item that changed its category."""
    lines = _lines_of(CHANGED_DATE)[5:]
    amount = SALES.index("extended_amount")
    lines[0][amount] = "123.4567"
    _write_sales(landing, CHANGED_DATE, lines)
    voided = _lines_of(VOIDED_DATE)
    for line in voided:
        line[SALES.index("void_flag")] = "true"
    _write_sales(landing, VOIDED_DATE, voided)
    changed = [row for row in _items() if row[0] == "I03"]
    changed[0][3] = "Käse & Co"
    _write(landing, f"items/items_{VOIDED_DATE}.csv", MAPPINGS["item"][1], changed)


def trading_days() -> Iterator[date]:
    """Every day of the dense weeks, and each Sunday between them."""
    for first in (LAST_YEAR, THIS_YEAR):
        yield from (first + timedelta(days=number) for number in range(28))
    sunday = LAST_YEAR + timedelta(days=28)
    while sunday < THIS_YEAR:
        yield sunday
        sunday += timedelta(days=7)


def _is_dense(day: date) -> bool:
    return any(first <= day < first + timedelta(days=28) for first in (LAST_YEAR, THIS_YEAR))


def _lines_of(day: date) -> list[list[str]]:
    """The sales lines of a day: the same ones each time they are asked for."""
    chance = random.Random(day.isoformat())  # noqa: S311  sales, not secrets
    lines: list[list[str]] = []
    for store, receipt_count in _RECEIPTS_OF_STORE.items():
        if store == "new" and day < THIS_YEAR:
            continue
        if store == "Zürich" and date(2025, 6, 1) < day < date(2025, 7, 1):
            continue
        for number in range(1, (receipt_count if _is_dense(day) else 2) + 1):
            lines += _receipt(chance, store, number, day)
    if day < LAST_YEAR + timedelta(days=28):
        lines += _receipt(chance, CLOSED_STORE, 1, day)
    return lines


def _receipt(chance: random.Random, store: str, number: int, day: date) -> list[list[str]]:
    items = [f"I{chance.randint(1, 40):02}" for _ in range(chance.randint(1, 6))]
    items += [PAIRS[item] for item in items if item in PAIRS and chance.random() < 0.7]
    items += chance.choices(["W1", "W2", "BAG", "", "no-master", "I03"], k=2)
    customer = _customer(chance)
    moment = f"{day}T{chance.randint(7, 21):02}:{chance.randint(0, 59):02}:{number % 60:02}"
    sold_at = chance.choice([f"{moment}Z", f"{moment}.123456+01:00", f"{moment}Z", ""])
    channel = chance.choice(["", "", "store", "web", "app"])
    lines = []
    for line_number, item in enumerate(items, start=1):
        line = _line(chance, item)
        line |= {
            "store_id": store,
            "workstation_id": str(1 + number % 3),
            "transaction_seq": str(number),
            "line_seq": str(line_number),
            "sold_at": sold_at,
            "customer_ref": customer,
            "channel": channel,
        }
        lines.append([str(line.get(column, "")) for column in SALES])
    return lines


def _customer(chance: random.Random) -> str:
    """A third is nobody; few cards are in no master or written with blanks around."""
    if chance.random() < 0.33:
        return chance.choice(["", "   "])
    number = min(int(chance.expovariate(1 / 90)), 399)
    if number % 50 == 7:
        return f"Straße {number}"
    return f"C{number}"


def _line(chance: random.Random, item: str) -> dict[str, object]:
    kind = chance.random()
    price = 0.49 + (sum(map(ord, item)) % 97) / 7
    line: dict[str, object] = {"item_id": item, "line_type": "sale"}
    if item.startswith("W"):
        weight = chance.randint(50, 2500) / 1000
        line |= {"qty": f"{weight:.3f}", "uom": chance.choice(["kg", "KG", "l"])}
        amount = weight * price
    else:
        pieces = chance.choice([1, 1, 1, 2, 3, 12])
        line |= {"qty": pieces, "uom": chance.choice(["", "each", "ST"])}
        amount = pieces * price
    # Four decimals: what a till that computes with them writes, and what rounding would hide.
    line["extended_amount"] = f"{amount:.4f}"
    if chance.random() < 0.8:
        line["unit_cost"] = f"{price * 0.7:.4f}"
    if chance.random() < 0.2:
        line["line_discount"] = f"{amount * 0.1:.2f}"
    if chance.random() < 0.05:
        line |= {"store_coupon_amount": "0.25", "manufacturer_coupon_amount": "0.50"}
    if chance.random() < 0.5:
        line["tax_amount"] = f"{amount * 0.07:.4f}"
    if chance.random() < 0.03:
        line["promotion_id"] = chance.choice(["P-till", "P1", " "])
    if kind < 0.04:
        line["line_type"] = "return"
        if kind < 0.02:
            line |= {"qty": f"-{line['qty']}", "extended_amount": f"-{amount:.4f}"}
    elif kind < 0.06:
        line["void_flag"] = "true"
    elif kind < 0.08:
        line["line_type"] = chance.choice(["gift_card", "deposit", "fee", "donation"])
    elif kind < 0.09:
        line |= {"qty": 0, "extended_amount": "-0.5500"}
    return line


def _items() -> list[list[str]]:
    departments = ("Food", "Home", "Getränke", "")
    names = {"I02": "Butter", "I07": 'A "quoted", name', "I09": "Crème brûlée 🍮"}
    rows = []
    for number in range(1, 39):
        item = f"I{number:02}"
        rows.append(
            [
                item,
                names.get(item, f"Item {number}"),
                departments[number % 4],
                f"Category {number % 9}" if number % 13 else "",
                f"Type {number % 5}",
                f"Brand {number % 6}" if number % 6 else "",
                "yes" if number % 5 == 0 else "no",
            ]
        )
    rows += [
        ["Ö-Öl", "Öl", "Food", "Öle", "", "Brand 1", "no"],
        ["W1", "Äpfel", "Food", "Obst", "", "", "no"],
        ["W2", "Wein vom Fass", "Getränke", "Category 3", "", "Brand 2", ""],
        ["BAG", "Bag", "Other", "Bags", "", "", "yes"],
    ]
    some = [f"4{row_number:012}" if row_number % 3 else "" for row_number in range(len(rows))]
    return [
        [*row, gtin, "500 g", "winter", "cold", f"M{gtin[-1:]}", "2020-02-29", "2026-12-31"]
        for row, gtin in zip(rows, some, strict=True)
    ]


def _write_master(landing: Path) -> None:
    columns = {feed: names for feed, (_, names) in MAPPINGS.items()}
    items = _items()
    _write(landing, f"items/items_{LAST_YEAR}.csv", columns["item"], items)
    # A later extract of a few items: the latest one holds, whole.
    renamed = [[item, f"{name} (new)", *rest] for item, name, *rest in items[:3]]
    _write(landing, f"items/items_{THIS_YEAR}.csv", columns["item"], renamed)
    _write(
        landing,
        f"stores/stores_{LAST_YEAR}.csv",
        columns["store"],
        [
            [*row, "market", "D1", "temperate", "Europe/Zurich", "CH", "2024-02-29", closed]
            for *row, closed in (
                ("1", "First", "2010-05-01", "812.50", "town", "North", ""),
                ("S-2", "Second", "2011-05-01", "640", "town", "North", ""),
                ("Zürich", "Zürich HB", "2012-05-01", "", "country", "Süd", ""),
                ("Łódź Ⅳ", "Łódź", "", "333.33", "", "", ""),
                ("new", "New", "2026-01-10", "100", "country", "Süd", ""),
                (CLOSED_STORE, "Closed", "2001-01-01", "50", "town", "North", "2025-02-15"),
            )
        ],
    )
    _write_customers(landing, columns["crm_customer"])
    promotions = [f"P{number}" for number in range(1, 7)]
    _write(
        landing,
        f"promotions/promotions_{LAST_YEAR}.csv",
        columns["promotion"],
        [
            [
                name,
                f"Aktion {name}",
                "2 für 1",
                str(LAST_YEAR),
                ends,
                "price",
                "end",
                "leaflet",
                "us",
            ]
            for name, ends in zip(promotions, ("", *5 * ["2026-03-01"]), strict=True)
        ],
    )
    _write_coverage(landing, columns["promo_coverage"])
    _write_campaigns(landing, columns)


def _write_customers(landing: Path, columns: tuple[str, ...]) -> None:
    chance = random.Random("customers")  # noqa: S311
    rows = []
    for number in range(380):
        born = "" if number % 7 == 0 else str(date(1940, 1, 1) + timedelta(days=61 * number))
        created = f"{2015 + number % 9}-03-09T23:30:00-05:00" if number % 4 else ""
        store = chance.choice([*STORES, ""])
        channel = chance.choice(["web", "till", ""])
        kind = ("person", "company", "household")[number % 3]
        stated = ["x", "CH", "35-44", "50-74K", "married", "owner", "5+", "2 adults", "3+"]
        rows.append(["crm", f"C{number}", "", kind, born, created, store, channel, *stated])
    _write(landing, f"customers/customers_{LAST_YEAR}.csv", columns, rows)
    silent = 9 * [""]
    later = [
        ["crm", f"C{number}", "U", "person", "", "", "1", "app", *silent]
        for number in range(0, 60, 9)
    ]
    later += [["web", "C1", "U", "person", "", "", "S-2", "web", *silent]]
    later += [["crm", "C5", "D", *5 * [""], *silent]]
    _write(landing, f"customers/customers_{THIS_YEAR}.csv", columns, later)


def _write_coverage(landing: Path, columns: tuple[str, ...]) -> None:
    """A file a dense week; overlapping promotions, and none in the store that is new."""
    for first in (LAST_YEAR, THIS_YEAR):
        for week in range(4):
            begins = first + timedelta(days=7 * week)
            rows = {
                (f"P{1 + (number + week) % 7}", f"I{number:02}", store): begins
                + timedelta(days=6 + number % 3)
                for number in range(1, 40, 3 + week % 2)
                for store in STORES
                if store != "new"
            }
            rows |= {("P2", "I03", "1"): begins, ("P9", "I03", "1"): begins}
            _write(
                landing,
                f"coverage/coverage_{begins}.csv",
                columns,
                [[*key, str(ends)] for key, ends in rows.items()],
            )


def _write_campaigns(landing: Path, columns: dict[str, tuple[str, ...]]) -> None:
    ends = THIS_YEAR + timedelta(days=20)
    _write(
        landing,
        f"campaigns/campaigns_{THIS_YEAR}.csv",
        columns["campaign"],
        [
            ["K1", "Winter", str(THIS_YEAR), str(ends), "1000", "870.55", "mail", "visits"],
            ["K2", "Frühling", str(THIS_YEAR), str(ends), "", "", "", ""],
        ],
    )
    events = (
        *("assigned", "sent", "delivered", "opened"),
        *("clicked", "responded", "unsubscribed", "bounced"),
    )
    for number, event in enumerate(events):
        day = THIS_YEAR + timedelta(days=number)
        rows = [
            [campaign, "A" if customer % 2 else "", f"C{customer}", event]
            for campaign, step in (("K1", 1), ("K2", 2), ("K-no-master", 5))
            for customer in range(0, 90 // (number + 1), step)
        ]
        _write(landing, f"touches/touches_{day}.csv", columns["campaign_touch"], rows)
        coupons = [
            [f"X{customer % 5}", f"C{customer}", "K1" if customer % 2 else ""]
            for customer in range(number, 60, 7)
        ]
        _write(landing, f"coupons/coupons_{day}.csv", columns["coupon_redemption"], coupons)


def _write_sales(landing: Path, day: date, lines: list[list[str]]) -> None:
    _write(landing, f"sales/sales_{day}.csv", SALES, lines)


def _write(landing: Path, name: str, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    path = landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue(), encoding="utf-8")
