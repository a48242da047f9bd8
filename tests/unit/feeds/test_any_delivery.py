"""Whatever order, splitting or repetition: the same tables.

The oracle is Python's csv module over the rows as they were made up, never the loader's own SQL.
"""

import csv
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shop import Shop, examples

pytestmark = pytest.mark.slow

HEADER = ["store", "till", "receipt", "line", "item", "qty", "amount", "card"]


@pytest.fixture
def shop(house):
    path = house.mappings / "sales.yml"
    plain = path.read_text(encoding="utf-8")
    corrections = plain.replace("files: ", "delivery: delta\nfiles: fixes/")
    (house.mappings / "fixes.yml").write_text(corrections, encoding="utf-8")
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


@settings(**examples(12))
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


@settings(**examples(12))
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


CONTENTS = [b"broken", *(text_of([row]) for row in (
    ("S1", "1", "1", "1", "A", "1", "1.00", "C1"),
    ("S1", "1", "1", "1", "A", "1", "2.50", "C1"),
    ("S1", "1", "2", "1", "A", "1", "1.00", ""),
))]  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(CONTENTS), st.booleans()), max_size=10
)


@settings(**examples(12))
@given(steps=STEPS, last=st.tuples(*[st.sampled_from(CONTENTS[1:])] * 3))
def test_only_what_files_say_in_the_end_counts(shop, steps, last):
    """Whatever a file said before, broken or the same as another: as if each came once, at last."""
    shop.empty()
    final = dict(zip("abc", last, strict=True))
    for name, content in final.items():
        shop.deliver(f"sales_2026-01-05_{name}.csv", content)
    shop.load()
    expected = shop.counted_rows()

    shop.empty()
    for name, content, is_loaded in steps:
        shop.deliver(f"sales_2026-01-05_{name}.csv", content)
        if is_loaded:
            shop.load()
    for name, content in final.items():
        shop.deliver(f"sales_2026-01-05_{name}.csv", content)
    shop.load()
    assert shop.counted_rows() == expected
    assert shop.is_even()
