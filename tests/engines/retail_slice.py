"""The slice of data that both engines build: 78 trading days of a made-up retailer, as files.

Small, yet every mart has rows of it: two dense weeks on either side of two turns of the fiscal
year, 364 days apart, and a Sunday a week between them, so that one store only was closed for long.
Days cost Spark more than lines do: each is a partition of ten tables.
Among the lines is everything the models decide about: returns, voids, gift cards, weighed goods,
blank and unknown references, texts beyond ASCII, repeats and conflicts, bad rows and files.
"""

import random
import re
import shutil
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import duckdb
from slice_files import CLOSED_STORE, DENSE_DAYS, LAST_YEAR, MAPPINGS, SALES, THIS_YEAR, write_file
from slice_masters import item_rows, write_masters

from pipelines.feeds.erased import ERASED
from pipelines.settings import Settings

CHANGED_DATE = THIS_YEAR + timedelta(days=DENSE_DAYS - 4)
"""The day whose sales file comes again with other amounts."""

VOIDED_DATE = CHANGED_DATE + timedelta(days=1)
"""The day whose sales file comes again with every line void: no row of it may stay."""

RECOUNTED_DATE = date(2024, 2, 20)

SIMULATED_UNTIL = "2024-03-23"
"""Eight weeks of ten: the last bring nothing that the others have not."""

HOLIDAY = "2024-02-13"

BY_BUSINESS_DATE = ("sessions", "stock", "till_a", "till_b", "traffic")
"""Directories of the simulated retailer whose files are of a business date."""

LAST_DENSE_DATE = "2024-02-28"
"""A day after the one whose file of a store is missing."""

LATE_DATES = ("2024-03-13", "2024-03-14")
"""The days after it that have files: on the first one, a store's comes late."""

PAIRS = {"I01": "I02", "I05": "Ö-Öl", "I11": "I12"}
"""Items that pull another one into the basket."""

CUSTOMER_COUNT = 400
"""So many may come; the first ones come most often."""

_NOBODYS_RECEIPTS = {"1": 36, "S-2": 28, "Zürich": 24, "Łódź Ⅳ": 17, "new": 12, "no-master": 7}
"""Receipts of nobody known, by store, on a day of a dense week; one on other days."""


def write_mappings(directory: Path) -> None:
    """Write a mapping a feed, masters as changes, since their second extracts are small.

    A batch with a bad row is loaded file by file: late sales stand apart, so that the other 78
    files of sales are one batch.
    """
    for feed, (files, columns) in MAPPINGS.items():
        _write_mapping(directory / f"{feed}.yml", feed, files, columns)
    _write_mapping(directory / "late.yml", "pos_line", "late/sales_{business_date}.csv", SALES)


def _write_mapping(path: Path, feed: str, files: str, columns: Iterable[str]) -> None:
    delivery = "delta" if "{extract_" in files else "full"
    lines = [f"feed: {feed}", f"files: {files}", f"delivery: {delivery}", "columns:"]
    lines += [f"  {column}: {column}" for column in columns]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_slice(landing: Path) -> None:
    """Write the files of the first delivery."""
    write_masters(landing)
    for day in trading_days():
        _write_sales(landing, day, _lines_of(day))
    # A file whose name no mapping knows, one without its columns, and one that came twice.
    write_file(landing, "sales/readme.csv", ("a",), [("b",)])
    write_file(landing, f"sales/sales_{LAST_YEAR - timedelta(days=1)}.csv", SALES[3:], [SALES[3:]])
    # Another file of the last day: a line that is known, one that contradicts, one not readable.
    last_day = THIS_YEAR + timedelta(days=DENSE_DAYS - 1)
    known = _lines_of(last_day)[:2]
    contradicting = [*known[1]]
    contradicting[SALES.index("extended_amount")] = "77.77"
    unreadable = [*known[1]]
    unreadable[SALES.index("qty")] = "many"
    late = f"late/sales_{last_day}.csv"
    write_file(landing, late, SALES, [known[0], contradicting, unreadable, *_piece_with_a_number()])
    # Headers whose totals are not what their lines add up to.
    files, columns = MAPPINGS["pos_transaction"]
    name = files.format(business_date=last_day)
    totals = ["1.00", "0.00", "1.00"]
    headers = [
        ["1", "2", "1", *totals, "sale", "true", "L1"],
        ["1", "3", "2", *totals, "exchange", "", " "],
        ["S-2", "2", "1", *totals, "return", "false", ""],
    ]
    write_file(landing, name, columns, headers)


def _piece_with_a_number() -> Iterator[list[str]]:
    """A piece that is sold and comes back the same day, under a label of another price (50.00).

    Who bought it was erased, and the file says so as an erasure leaves it.
    """
    for line_type in ("sale", "return"):
        line = {
            "store_id": "1",
            "workstation_id": "9",
            "transaction_seq": "1" if line_type == "sale" else "2",
            "line_seq": "1",
            "line_type": line_type,
            "item_id": "I40",
            "qty": "1",
            "extended_amount": "99.00",
            "serial_no": "SN-1",
            "customer_ref": ERASED,
            "gtin": "2000040050001",
        }
        yield [line.get(column, "") for column in SALES]


def add_simulated_retailer(house: Settings, simulated_home: Path, home: Path) -> None:
    """Deliver every other feed too: another retailer's, of two years before, in its own folder.

    Its first weeks alone, and few of their later business dates, and not the sales of the year
    before, which the made-up retailer has: each date is a partition of ten tables, and those take
    Spark its time.
    """
    shutil.copytree(simulated_home, home)
    shutil.rmtree(home / "landing" / "history")
    for path in (home / "mappings").glob("history_*.yml"):
        path.unlink()
    for path in (home / "landing").rglob("*.*"):
        dated = re.search(r"\d{4}-\d{2}-\d{2}", path.name)
        if dated and not _is_delivered(path.parent.name, dated[0]):
            path.unlink()
    # The simulated calendar names no holiday: a day of the whole chain gets a name.
    (calendar,) = (home / "landing" / "masters").glob("calendar_*.csv")
    with calendar.open("a", encoding="utf-8") as lines:
        lines.write(f"*,{HOLIDAY},true,Fasnacht,\n")
    (home / "landing").rename(house.landing / "simulated")
    for path in (home / "mappings").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        moved = re.sub(r"^files: ", "files: simulated/", text, flags=re.MULTILINE)
        (house.mappings / f"simulated_{path.name}").write_text(moved, encoding="utf-8")


def _is_delivered(directory: str, day: str) -> bool:
    if directory in BY_BUSINESS_DATE:
        return day <= LAST_DENSE_DATE or day in LATE_DATES
    return day <= SIMULATED_UNTIL


def write_requests(connection: duckdb.DuckDBPyConnection) -> None:
    """Write what is kept of one who was erased, one who was shown what is held, and one merged."""
    connection.execute(
        """
        insert into privacy.erasure by name
        select
            'nobody' as customer_hash, 'verified' as step, 'a letter' as reason,
            timestamptz '2025-01-05 03:00:00+00' as done_at, 'E000001' as request_id,
            2 as table_count, 3 as row_count, 1 as file_count, 4 as build_count,
            date '2025-02-04' as backup_expiry_date;
        insert into privacy.access values
            ('A000001', timestamp '2025-01-05 03:00:00', 'export', 'somebody', 2, 3);
        insert into identity.decision values (
            1, 'merge', 'crm', 'C9', 'crm', 'C18', timestamp '2025-01-05 03:00:00', 'somebody',
            'the same letter came back from both'
        );
        """
    )


def write_rolled_week(connection: duckdb.DuckDBPyConnection) -> None:
    """Write what is kept of a week whose receipts are gone, of a store that nothing else names."""
    connection.execute(
        """
        insert into retention.sales_week values
            ('rolled', 'I01', 'no promotion', date '2020-01-05',
                3, 4, 4, 12, 1, 2, 9, 0.5, 5, 4, 0.25),
            ('rolled', 'gone', 'P-gone', date '2020-01-05',
                1, 0.5, 1, 1, 0, 0, 1, 0, null, null, 0);
        insert into retention.sales_day values
            ('rolled', date '2020-01-06', 3, 2, 2, 1, 4, 5, 13, 1, 2, 10, 9, 4);
        insert into retention.rolled_week values ('rolled', date '2020-01-05', 'DE');
        insert into retention.acquisition values ('CARD-GONE', date '2020-01-06');
        insert into retention.kept_from values
            ('sales', 'DE', date '2020-01-12', date '2025-01-04'),
            ('sales', 'unknown', date '2020-01-05', date '2025-01-04');
        insert into retention.purge_log values (
            'sales', 'pos_line', 'DE', date '2020-01-05', 4, 1, false, date '2025-01-04',
            timestamptz '2025-01-05 03:00:00+00'
        );
        """
    )


def write_changes_of_one_night(landing: Path) -> None:
    """Write the second delivery: two days' sales anew, an item of another category, more stock.

    The stock is of a day that told changes only, so that days without a file follow it.
    """
    stock = landing / f"simulated/stock/stock_changed_{RECOUNTED_DATE}.parquet"
    recounted = f"select * replace (on_hand + 1 as on_hand) from read_parquet('{stock}')"
    counted = duckdb.execute(recounted).to_arrow_table()
    duckdb.execute(f"copy counted to '{stock}' (format parquet)")
    assert counted.num_rows
    lines = _lines_of(CHANGED_DATE)[5:]
    amount = SALES.index("extended_amount")
    lines[0][amount] = "123.4567"
    _write_sales(landing, CHANGED_DATE, lines)
    voided = _lines_of(VOIDED_DATE)
    for line in voided:
        line[SALES.index("void_flag")] = "true"
    _write_sales(landing, VOIDED_DATE, voided)
    changed = [row for row in item_rows() if row[0] == "I03"]
    changed[0][3] = "Käse & Co"
    write_file(landing, f"items/items_{VOIDED_DATE}.csv", MAPPINGS["item"][1], changed)


def trading_days() -> Iterator[date]:
    """Every day of the dense weeks, and each Sunday between them."""
    for first in (LAST_YEAR, THIS_YEAR):
        yield from (first + timedelta(days=number) for number in range(DENSE_DAYS))
    sunday = LAST_YEAR + timedelta(days=DENSE_DAYS)
    while sunday < THIS_YEAR:
        yield sunday
        sunday += timedelta(days=7)


def _is_dense(day: date) -> bool:
    return any(
        first <= day < first + timedelta(days=DENSE_DAYS) for first in (LAST_YEAR, THIS_YEAR)
    )


def _lines_of(day: date) -> list[list[str]]:
    """The sales lines of a day: the same ones each time they are asked for."""
    chance = random.Random(day.isoformat())
    open_stores = [store for store in _NOBODYS_RECEIPTS if _is_open(store, day)]
    buyers = [
        (store, chance.choice(["", "   "]))
        for store in open_stores
        for _ in range(_NOBODYS_RECEIPTS[store] if _is_dense(day) else 1)
    ]
    buyers += [(chance.choice(open_stores), name) for name in _visitors()[day]]
    lines: list[list[str]] = []
    for number, (store, customer) in enumerate(buyers, start=1):
        lines += _receipt(chance, store, number, day, customer)
    if day < LAST_YEAR + timedelta(days=DENSE_DAYS):
        lines += _receipt(chance, CLOSED_STORE, 1, day, "C1")
    return lines


def _is_open(store: str, day: date) -> bool:
    if store == "new":
        return day >= THIS_YEAR
    return store != "Zürich" or not date(2025, 6, 1) < day < date(2025, 7, 1)


@cache
def _visitors() -> dict[date, list[str]]:
    """Who comes on which day: each at a pace of their own, until they come no more (M31).

    So the models of purchases hold on the slice, gate 18 lets them pass, and both engines have
    scores to compare. Between the dense weeks a week's visits all fall on its Sunday. All come ever
    more seldom: the customers of the simulated retailer, who stopped the year before, lead the
    models to expect it.
    """
    chance = random.Random("visitors")
    days = sorted(trading_days())
    visitors: dict[date, list[str]] = {day: [] for day in days}
    visits_a_day = [chance.gammavariate(1.2, 1 / 25) for _ in range(CUSTOMER_COUNT)]
    for number, rate in enumerate(sorted(visits_a_day, reverse=True)):
        name = f"Straße {number}" if number % 50 == 7 else f"C{number}"
        leaving_rate = chance.betavariate(1, 15)
        # Most come from the first day on, the others begin in the months after it.
        moment = max(0.0, chance.uniform(-400, 100))
        while True:
            moment += chance.expovariate(rate) * (1 + moment / 800)
            place = bisect_left(days, LAST_YEAR + timedelta(days=int(moment)))
            if place == len(days):
                break
            if name not in visitors[days[place]]:
                visitors[days[place]].append(name)
            if chance.random() < leaving_rate:
                break
    return visitors


def _receipt(
    chance: random.Random, store: str, number: int, day: date, customer: str
) -> list[list[str]]:
    items = [f"I{chance.randint(1, 40):02}" for _ in range(chance.randint(1, 5))]
    items += [PAIRS[item] for item in items if item in PAIRS and chance.random() < 0.7]
    items += chance.choices(["W1", "W2", "BAG", "", "no-master", "I03"], k=2)
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
    if item.startswith("W"):
        line["entry_method"] = "weighed"
    elif len(item) == 3:
        line["entry_method"] = "keyed" if item.endswith("7") else "scanned"
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


def _write_sales(landing: Path, day: date, lines: list[list[str]]) -> None:
    write_file(landing, f"sales/sales_{day}.csv", SALES, lines)
