"""Whatever damage a file has: loaded right, quarantined in part, or refused; never a guess.

Several files of several formats are damaged and loaded together, beside a good one, since files of
one shape are read in one statement.
"""

from random import Random

import pytest
from damaged_files import (
    BYTE_DAMAGES,
    COLUMN_DAMAGES,
    FORMS,
    GOOD,
    HEADER,
    ROW_DAMAGES,
    UnreadableError,
    damaged_file,
    read_records,
    rows_said,
)
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from shop import Shop, examples

pytestmark = pytest.mark.slow

COLUMNS = ["store_id", "workstation_id", "transaction_seq", "line_seq", "item_id", "qty",
           "extended_amount", "customer_ref"]  # fmt: skip


@pytest.fixture
def shop(house):
    """One mapping a form; POSLog names its columns and days itself."""
    columns = ", ".join(f"{own}: {name}" for own, name in zip(HEADER, COLUMNS, strict=True))
    for name, form in FORMS.items():
        files = f"{name}/*" if name == "poslog" else f"{name}/sales_{{business_date}}*"
        named = "" if name == "poslog" else f"columns: {{{columns}}}\n"
        (house.mappings / f"{name}.yml").write_text(
            f'feed: pos_line\nfiles: "{files}"\n{named}{form.keys}\n', encoding="utf-8"
        )
    (house.mappings / "sales.yml").unlink()
    return Shop(house)


@st.composite
def damages(draw):
    """A form, how it is packed, what happens to it, and where."""
    form = draw(st.sampled_from(sorted(FORMS)))
    return (
        form,
        draw(st.sampled_from(FORMS[form].packs)),
        draw(st.sampled_from([*ROW_DAMAGES, *COLUMN_DAMAGES, *BYTE_DAMAGES, *BYTE_DAMAGES])),
        draw(st.sampled_from(["values", "file"])),
        draw(st.integers(0, 2**20)),
    )


GOOD_ROWS = rows_said([dict(zip(HEADER, row, strict=True)) for row in GOOD])


def said_by(form, pack, content):
    """Rows that the independent reader finds, and how many records it counts; None: unreadable."""
    try:
        records = read_records(form, pack, content)
    except UnreadableError:
        return None
    return rows_said(records), len(records)


def good_beside(drawn):
    """A good file of the shape of a damaged one, to be read in the same statement."""
    name, pack, *_ = drawn
    return name, pack, "none", "file", 0


@settings(**examples(15), phases=(Phase.generate,))
@given(drawn=st.lists(damages(), min_size=3, max_size=5))
def test_no_damage_yields_a_number_that_the_file_does_not_say(shop, drawn):
    shop.empty()
    files = {}
    for number, (name, pack, kind, stage, seed) in enumerate([*drawn, good_beside(drawn[0])]):
        form, day = FORMS[name], f"2026-01-{number + 2:02}"
        content = damaged_file(form, kind, stage, pack, day, Random(seed))
        what = "good" if kind == "none" else f"{name} {kind} {stage}"
        files[f"{name}/sales_{day}{pack}"] = (content, form, pack, what)
    for file, (content, *_) in files.items():
        shop.deliver(file, content)
    refused = shop.load().refused
    for file, (content, form, pack, what) in files.items():
        loaded, counts = shop.rows_of(file, COLUMNS)
        if file in refused:
            assert what != "good", refused[file]
            assert not loaded
            continue
        delivered, kept, bad, repeated = counts
        assert delivered == kept + bad + repeated
        # Damage to what Parquet says of its pages stops one reader and not another: then the
        # rows must be those that were written.
        rows, record_count = said_by(form, pack, content) or (GOOD_ROWS, len(GOOD))
        assert delivered == record_count, f"{what}: {record_count} records"
        invented = loaded - rows
        assert not invented, f"{what}: the file does not say {invented}"
        if what == "good":
            assert loaded == rows == GOOD_ROWS
