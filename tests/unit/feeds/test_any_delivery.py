"""Whatever order, splitting, repetition or damage: the same tables, or a refusal; never a guess.

The oracle is Python's csv module over the rows as they were made up, never the loader's own SQL.
"""

import csv
import gzip
import io
import random
import shutil
import zlib
from collections import Counter
from decimal import Decimal, InvalidOperation

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.feeds.contract import load_contracts
from pipelines.feeds.loader import load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.feeds.raw_tables import create_tables

pytestmark = pytest.mark.slow

HEADER = ["store", "till", "receipt", "line", "item", "qty", "amount", "card"]
EXAMPLES = {
    "deadline": None,
    "database": None,
    "derandomize": True,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}


class Shop:
    """A landing directory with one raw database that is emptied between examples."""

    def __init__(self, house):
        self.house = house
        self.connection = duckdb.connect()
        self.mappings = load_mappings(house.mappings)
        self.mappings += [
            mapping.model_copy(update={"name": "packed", "files": mapping.files + ".gz"})
            for mapping in self.mappings
        ]
        self.mappings += [
            mapping.model_copy(
                update={"name": "fixes", "delivery": "delta", "files": f"fixes/{mapping.files}"}
            )
            for mapping in self.mappings
            if mapping.name == "sales"
        ]
        create_tables(self.connection)

    def empty(self):
        for table in ("ledger.file", "ledger.file_date", "ledger.excluded_row", "quarantine.row",
                      "feeds.pos_line"):  # fmt: skip
            self.connection.execute(f"delete from {table}")
        shutil.rmtree(self.house.landing)
        self.house.landing.mkdir()

    def deliver(self, name, content):
        path = self.house.landing / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    def load(self):
        return load_landed_files(
            self.connection,
            landing=self.house.landing,
            mappings=self.mappings,
            work=self.house.work,
            on_progress=lambda _: None,
        )

    def counted_rows(self):
        names = ", ".join(column.name for column in load_contracts()["pos_line"].columns)
        return Counter(
            self.connection.execute(
                f"""
                select {names} from feeds.pos_line
                where (_file_id, _line_number) not in (
                    select (file_id, line_number) from ledger.excluded_row
                )
                """
            ).fetchall()
        )

    def totals(self):
        return self.connection.execute(
            """
            select sum(row_count) filter (status = 'loaded'), sum(loaded_count),
                sum(quarantined_count)
            from ledger.file where status = 'loaded'
            """
        ).fetchall()

    def is_even(self):
        """Whether the three counts of each loaded file add up to its rows."""
        return not self.connection.execute(
            """
            select file_name from ledger.file
            where status = 'loaded' and row_count
                is distinct from loaded_count + quarantined_count + duplicate_count
            """
        ).fetchall()


@pytest.fixture
def shop(house):
    return Shop(house)


def text_of(rows, delimiter=","):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", delimiter=delimiter)
    writer.writerows([HEADER, *rows])
    return text.getvalue().encode()


LINES = st.lists(
    st.tuples(
        st.just("S1"),
        st.just("1"),
        st.integers(1, 6).map(str),
        st.integers(1, 2).map(str),
        st.sampled_from(["A", "B,C", 'D "E"', "F\nG"]),
        st.sampled_from(["1", "2.5", "-1"]),
        st.sampled_from(["1.00", "2.50"]),
        st.sampled_from(["", "C1"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=12, **EXAMPLES)
@given(rows=LINES, seed=st.integers(0, 2**16))
def test_split_shuffled_repeated_and_resent_deliveries_end_in_the_same_tables(shop, rows, seed):
    """Rows that repeat count once and rows that conflict count for nothing, wherever they stand."""
    chance = random.Random(seed)
    shop.empty()
    shop.deliver("sales_2026-01-05.csv", text_of(rows))
    shop.load()
    expected = shop.counted_rows()
    by_key = {}
    for row in rows:
        by_key.setdefault(row[:4], set()).add(row)
    assert sum(expected.values()) == sum(len(said) == 1 for said in by_key.values())

    shop.empty()
    shuffled = chance.sample(rows, len(rows))
    cuts = sorted(chance.choices(range(len(rows) + 1), k=2))
    parts = [part for part in (shuffled[: cuts[0]], shuffled[cuts[0] : cuts[1]],
                               shuffled[cuts[1] :]) if part]  # fmt: skip
    parts += chance.choices(parts, k=1)
    for number, part in chance.sample(list(enumerate(parts)), len(parts)):
        shop.deliver(f"sales_2026-01-05_{number}.csv", text_of(part))
        if chance.random() < 0.5:
            shop.load()
    shop.load()
    assert shop.counted_rows() == expected
    before = shop.totals()
    shop.load()
    assert shop.totals() == before


def said_last(rows, corrections):
    """The receipts as the last correction that holds each of them says, else as delivered."""
    receipts = {}
    for said in (rows, *corrections):
        by_number = {}
        for row in said:
            by_number.setdefault(row[2], []).append(row)
        receipts |= by_number
    return [row for said in receipts.values() for row in said]


@settings(max_examples=12, **EXAMPLES)
@given(rows=LINES, corrections=st.lists(LINES, min_size=1, max_size=3), seed=st.integers(0, 2**16))
def test_fault_23_corrections_in_any_order_split_and_resent_end_in_the_same_tables(
    shop, rows, corrections, seed
):
    """What counts is what would count had the tills written the corrected receipts at once."""
    chance = random.Random(seed)
    shop.empty()
    shop.deliver("sales_2026-01-05.csv", text_of(said_last(rows, corrections)))
    shop.load()
    expected = shop.counted_rows()

    shop.empty()
    cut = chance.randrange(len(rows) + 1)
    parts = [part for part in (rows[:cut], rows[cut:], chance.choice([rows[:cut], []])) if part]
    files = [(f"sales_2026-01-05_{number}.csv", part) for number, part in enumerate(parts)]
    for number, correction in enumerate(corrections):
        # Sent in two files of their own, no receipt in both, and perhaps again as a copy.
        first = {row[2] for row in correction[: chance.randrange(len(correction) + 1)]}
        halves = [
            [row for row in correction if (row[2] in first) == is_first] for is_first in (0, 1)
        ]
        files += [
            (f"fixes/sales_2026-01-05_{number}{copy}{half}.csv", part)
            for half, part in enumerate(halves)
            for copy in chance.choice(["a", "ab"])
            if part
        ]
    for name, part in chance.sample(files, len(files)):
        shop.deliver(name, text_of(chance.sample(part, len(part))))
        if chance.random() < 0.5:
            shop.load()
    shop.load()
    assert shop.counted_rows() == expected
    before = shop.totals()
    shop.load()
    assert shop.totals() == before
    assert shop.is_even()


GOOD = [
    ("S1", "1", str(number), "1", item, f"{number}.5", f"{number * 3}.25", f"C{number}")
    for number, item in enumerate(["A", "B", "C,D", 'E "F"', "G\nH", "Ü", "7", "0008"], start=1)
]


def damage(content: bytes, kind: str, chance: random.Random) -> bytes:
    """Good bytes with one damage of a kind, at a place of chance."""
    place = chance.randrange(len(content))
    if kind == "flip":
        return (
            content[:place]
            + bytes([content[place] ^ 1 << chance.randrange(8)])
            + content[place + 1 :]
        )
    if kind == "drop":
        return content[:place] + content[place + chance.randrange(1, 9) :]
    if kind == "insert":
        junk = chance.choice([b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"9", b"-", b" ", b";"])
        return content[:place] + junk + content[place:]
    if kind == "cut":
        return content[:place]
    if kind == "zero":
        return content[:place] + bytes(16) + content[place + 16 :]
    lines = content.split(b"\n")
    if kind == "lose a line":
        del lines[chance.randrange(len(lines))]
    elif kind == "repeat a line":
        lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    elif kind == "swap columns":
        cells = list(csv.reader(io.StringIO(content.decode(), newline="")))
        order = chance.sample(range(len(HEADER)), len(HEADER))
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([row[i] for i in order] for row in cells)
        return text.getvalue().encode()
    elif kind == "lose a column":
        cells = list(csv.reader(io.StringIO(content.decode(), newline="")))
        gone = chance.randrange(len(HEADER))
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(
            row[:gone] + row[gone + 1 :] for row in cells
        )
        return text.getvalue().encode()
    return b"\n".join(lines)


DAMAGES = ["flip", "drop", "insert", "cut", "zero", "lose a line", "repeat a line",
           "swap columns", "lose a column"]  # fmt: skip


def honest_rows(content: bytes) -> Counter:
    """Rows that the damaged bytes say, by column name, as an independent reader has them."""
    text = content.decode("utf-8", errors="strict").removeprefix("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    header, *records = csv.reader(io.StringIO(text, newline=""))
    places = {name.strip(): place for place, name in enumerate(header)}
    found = Counter()
    for record in records:
        if len(record) == len(header):
            cells = [record[places[n]].strip() if n in places else "" for n in HEADER]
            try:
                found[(*cells[:2], int(cells[2]), int(cells[3]), cells[4] or None,
                       Decimal(cells[5]), Decimal(cells[6]), cells[7] or None)] += 1  # fmt: skip
            except (ValueError, InvalidOperation):
                continue
    return found


@settings(max_examples=60, **EXAMPLES)
@given(kind=st.sampled_from(DAMAGES), seed=st.integers(0, 2**20), is_packed=st.booleans())
def test_no_damage_yields_a_number_that_the_file_does_not_say(shop, kind, seed, is_packed):
    """Loaded right, quarantined in part with counts that add up, or refused whole."""
    shop.empty()
    good = text_of(GOOD)
    chance = random.Random(seed)
    name = "sales_2026-01-05.csv"
    if is_packed and kind in ("flip", "drop", "cut", "zero", "insert"):
        packed = damage(gzip.compress(good, mtime=0), kind, chance)
        name += ".gz"
        try:
            content = gzip.decompress(packed)
        except (OSError, EOFError, zlib.error):
            content = b""
    else:
        packed = content = damage(good, kind, chance)
    shop.deliver(name, packed)
    summary = shop.load()
    columns = (
        "store_id, workstation_id, transaction_seq, line_seq, item_id, qty, extended_amount, "
        "customer_ref"
    )
    loaded = Counter(shop.connection.execute(f"select {columns} from feeds.pos_line").fetchall())
    if name in summary.refused:
        assert not loaded
        return
    assert content, "an archive that Python refuses was loaded"
    ((delivered, kept, bad, repeated),) = shop.connection.execute(
        "select row_count, loaded_count, quarantined_count, duplicate_count from ledger.file"
    ).fetchall()
    assert delivered == kept + bad + repeated
    invented = loaded - honest_rows(content)
    assert not invented, f"{kind}: the file does not say {invented}"
    if content == good:
        assert sum(loaded.values()) == len(GOOD)
