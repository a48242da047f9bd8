"""The masters, promotions and campaigns of the slice, with a second extract of some of them."""

import random
from datetime import date, timedelta
from pathlib import Path

from slice_files import CLOSED_STORE, DENSE_DAYS, LAST_YEAR, MAPPINGS, STORES, THIS_YEAR, write_file


def item_rows() -> list[list[str]]:
    """The item master as it was first extracted."""
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


def write_masters(landing: Path) -> None:
    """Write every file of the first delivery that is not sales."""
    columns = {feed: names for feed, (_, names) in MAPPINGS.items()}
    items = item_rows()
    write_file(landing, f"items/items_{LAST_YEAR}.csv", columns["item"], items)
    # A later extract of a few items: the latest one holds, whole.
    renamed = [[item, f"{name} (new)", *rest] for item, name, *rest in items[:3]]
    write_file(landing, f"items/items_{THIS_YEAR}.csv", columns["item"], renamed)
    write_file(
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
    write_file(
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
    _write_services(landing, columns)


def _write_customers(landing: Path, columns: tuple[str, ...]) -> None:
    chance = random.Random("customers")
    rows = []
    for number in range(380):
        born = "" if number % 7 == 0 else str(date(1940, 1, 1) + timedelta(days=61 * number))
        created = f"{2015 + number % 9}-03-09T23:30:00-05:00" if number % 4 else ""
        store = chance.choice([*STORES, ""])
        channel = chance.choice(["web", "till", ""])
        kind = ("person", "company", "household")[number % 3]
        stated = ["x", "CH", "35-44", "50-74K", "married", "owner", "5+", "2 adults", "3+"]
        stated += [f"E{number % 5}" if number % 5 else ""]
        rows.append(["crm", f"C{number}", "", kind, born, created, store, channel, *stated])
    write_file(landing, f"customers/customers_{LAST_YEAR}.csv", columns, rows)
    silent = 10 * [""]
    later = [
        ["crm", f"C{number}", "U", "person", "", "", "1", "app", *silent]
        for number in range(0, 60, 9)
    ]
    later += [["web", "C1", "U", "person", "", "", "S-2", "web", *silent]]
    later += [["crm", "C5", "D", *5 * [""], *silent]]
    write_file(landing, f"customers/customers_{THIS_YEAR}.csv", columns, later)


def _write_coverage(landing: Path, columns: tuple[str, ...]) -> None:
    """A file a dense week; overlapping promotions, and none in the store that is new."""
    for first in (LAST_YEAR, THIS_YEAR):
        for week in range(DENSE_DAYS // 7):
            begins = first + timedelta(days=7 * week)
            rows = {
                (f"P{1 + (number + week) % 7}", f"I{number:02}", store): begins
                + timedelta(days=6 + number % 3)
                for number in range(1, 40, 3 + week % 2)
                for store in STORES
                if store != "new"
            }
            rows |= {("P2", "I03", "1"): begins, ("P9", "I03", "1"): begins}
            write_file(
                landing,
                f"coverage/coverage_{begins}.csv",
                columns,
                [[*key, str(ends)] for key, ends in rows.items()],
            )


def _write_campaigns(landing: Path, columns: dict[str, tuple[str, ...]]) -> None:
    ends = THIS_YEAR + timedelta(days=20)
    write_file(
        landing,
        f"campaigns/campaigns_{THIS_YEAR}.csv",
        columns["campaign"],
        [
            ["K1", "Winter", str(THIS_YEAR), str(ends), "1000", "870.55", "mail", "visits"],
            ["K2", "Frühling", str(THIS_YEAR), str(ends), "", "", "", ""],
        ],
    )
    cells = [["K1", "A", "false", "P1"], ["K1", "B", "true", ""]]
    write_file(landing, f"cells/cells_{THIS_YEAR}.csv", columns["campaign_cell"], cells)
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
        write_file(landing, f"touches/touches_{day}.csv", columns["campaign_touch"], rows)
        coupons = [
            [f"X{customer % 5}", f"C{customer}", "K1" if customer % 2 else ""]
            for customer in range(number, 60, 7)
        ]
        write_file(landing, f"coupons/coupons_{day}.csv", columns["coupon_redemption"], coupons)


def _write_services(landing: Path, columns: dict[str, tuple[str, ...]]) -> None:
    """Rules that purchases of this year start, for customers of whom some allow to be asked."""
    # Each clock of a customer ends where the same category is bought again: so short offsets.
    rules = [
        ["S1", "purchase:Category 3", "0", "regular", "Category 3", "email", "Ask how it was"],
        ["S2", "purchase:Category 5", "1", "", "Category 3", "", "Offer what goes with it"],
        ["S3", "purchase:Category 4", "2", "", "", "post", "Say thank you"],
    ]
    write_file(landing, f"rules/rules_{LAST_YEAR}.csv", columns["service_rule"], rules[:2])
    write_file(landing, f"rules/rules_{THIS_YEAR}.csv", columns["service_rule"], rules)
    for day, status, step in ((LAST_YEAR, "granted", 2), (THIS_YEAR, "withdrawn", 6)):
        told = [["marketing", "email", f"{day}T08:00:00Z", status]]
        rows = [["crm", f"C{number}", *what] for number in range(0, 380, step) for what in told]
        write_file(landing, f"consents/consents_{day}.csv", columns["crm_consent"], rows)
    met = THIS_YEAR + timedelta(days=9)
    calls = [
        [f"T{number}", "call", f"C{number}", f"{met}T10:00:00Z" if number % 3 else ""]
        for number in range(0, 380, 4)
    ]
    write_file(landing, f"contacts/contacts_{met}.csv", columns["contact_log"], calls)
