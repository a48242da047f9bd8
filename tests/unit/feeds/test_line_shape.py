"""Files whose lines are proven as a whole are read with types: it must say what reading text says.

What DuckDB's reader would misread without a word has to keep a line out of that way.
"""

import re

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipelines.feeds import insertion
from pipelines.feeds.line_shape import line_shape, proven_types
from pipelines.feeds.mapping import Mapping
from pipelines.feeds.parsed import text_of, value_of
from pipelines.feeds.parsing import parse_columns
from pipelines.feeds.reader import relation_of

GOOD = {
    "store": "S1",
    "till": "1",
    "receipt": "17",
    "day": "2026-01-05",
    "line": "1",
    "type": "sale",
    "void": "false",
    "item": "4006381333931",
    "quantity": "1.5",
    "amount": "2.50",
    "sold_at": "2026-01-05T10:00:00Z",
    "note": "any",
}
HEADER = list(GOOD)
COLUMNS = {
    "store": "store_id",
    "till": "workstation_id",
    "receipt": "transaction_seq",
    "day": "business_date",
    "line": "line_seq",
    "type": "line_type",
    "void": "void_flag",
    "item": "item_id",
    "quantity": "qty",
    "amount": "extended_amount",
    "sold_at": "sold_at",
    "note": None,
}


def mapping_with(**declared):
    return Mapping.model_validate(
        {"name": "sales", "feed": "pos_line", "files": "*.csv", "columns": COLUMNS, **declared}
    )


PLAIN = mapping_with()


def is_let_through(mapping, **fields):
    shape = line_shape(mapping, HEADER)
    line = mapping.delimiter.join({**GOOD, **fields}.values())
    query = "select regexp_full_match(?, ?)"
    return duckdb.execute(query, [line, shape.pattern]).fetchone()[0]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        *(
            ("receipt", text)
            for text in ["1e3", "1_000", "1.5", "0x1F", " 5", "5 ", "1,000", "--1"]
        ),
        *(("receipt", text) for text in ["1234567890123456789", "\u0661", "1.0"]),
        *(("quantity", text) for text in ["1.2345", "1e2", "1,5", " 1", "1 ", ".5", "nan", "1_0"]),
        *(("quantity", text) for text in ["1234567890123456", "1.5-", "(1.5)", "$1"]),
        *(("day", text) for text in ["05.01.2026", "2026-1-5", "2026-01-05 00:00", "infinity"]),
        *(("sold_at", "2026-01-05" + text) for text in ["T10:00:00+08:00", "T10:00", "", "T10Z"]),
        *(("sold_at", "2026-01-05" + text) for text in ["T10:00:00.1234567", "T10:00:00-05"]),
        *(("void", text) for text in ["2", "maybe", " true"]),
        *(("type", text) for text in ["Sale", "sale ", "tax"]),
        *(("store", text) for text in [" S1", "S1 ", " ", "S\ufffd1", 'S"1', '"S1', 'S1"']),
        *(("store", text) for text in ['"S""1"', '" S1"', "S,1"]),
        *(("note", text) for text in ['a "b" c', "a\ufffd", '"a', "a,b"]),
    ],
)
def test_a_line_that_the_reader_could_misread_is_not_let_through(column, text):
    assert is_let_through(PLAIN)
    assert not is_let_through(PLAIN, **{column: text})


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("receipt", "-17"),
        ("quantity", "-1.5000"),
        ("quantity", ""),
        ("void", "Y"),
        ("sold_at", "2026-01-05 10:00:00.25"),
        ("store", '"Main Street, 1"'),
        ("store", '""'),
        ("note", " any text "),
    ],
)
def test_a_usual_line_is_let_through(column, text):
    assert is_let_through(PLAIN, **{column: text})


@pytest.mark.parametrize(
    ("declared", "column"),
    [
        ({"time_zone": "Europe/Berlin"}, "sold_at"),
        ({"timestamp_format": "%d.%m.%Y %H:%M"}, "sold_at"),
        ({"date_format": "%d.%m.%Y"}, "day"),
        ({"decimal_separator": ",", "delimiter": ";"}, "quantity"),
        ({"thousands_separator": ","}, "receipt"),
        ({"negative": "trailing"}, "quantity"),
        ({"currency_sign": "$"}, "amount"),
        ({"normalise": {"item_id": ["trim"]}}, "item"),
    ],
)
def test_what_the_mapping_declares_otherwise_is_still_read_as_text(declared, column):
    assert column in line_shape(PLAIN, HEADER).types
    shape = line_shape(mapping_with(**declared), HEADER)
    assert shape.types
    assert column not in shape.types


def test_lines_are_not_proven_where_a_delimiter_may_stand_in_a_number():
    assert line_shape(mapping_with(delimiter="-"), HEADER) is None
    assert line_shape(mapping_with(format="parquet"), HEADER) is None


def rows_read(connection, path, types):
    """Values and verdict of each row, as loading them at once would have them."""
    relation = relation_of(connection, PLAIN, [path], HEADER, types)
    columns = parse_columns(PLAIN.contract(), PLAIN, relation.columns, proven=types)
    texts = ", ".join(f"{c.text} as {text_of(c.name)}" for c in columns)
    values = ", ".join(f"{c.value} as {value_of(c.name)}" for c in columns)
    sound = " and ".join(c.is_sound for c in columns)
    return connection.execute(
        f"select columns('_value_.*'), {sound} "
        f"from (select *, {values} from (select _record, {texts} from ({relation.sql}))) "
        "order by _record"
    ).fetchall()


def written(pattern):
    """Texts of a pattern: ASCII digits alone, as RE2 has them, and no control characters."""
    alphabet = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
    return st.from_regex(re.compile(f"(?a:{pattern})"), fullmatch=True, alphabet=alphabet)


SHAPES = line_shape(PLAIN, HEADER)
FIELDS = dict(zip(HEADER, re.split("(?<=[)]),(?=[(])", SHAPES.pattern), strict=True))
DRAWN = {
    "day": st.dates().map(str),
    "sold_at": st.builds(
        lambda moment, letter, end: moment.isoformat(letter) + end,
        st.datetimes(),
        st.sampled_from("T "),
        st.sampled_from(["", "Z"]),
    ),
}


@settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
@given(
    lines=st.lists(
        st.tuples(*(DRAWN.get(own, written(FIELDS[own])) for own in HEADER)),
        min_size=1,
        max_size=20,
    )
)
def test_what_is_let_through_reads_as_its_text_does(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("lines") / "sales.csv"
    body = [",".join(line) for line in lines]
    path.write_text("\n".join([",".join(HEADER), *body, ""]), encoding="utf-8", newline="")
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        types = proven_types(connection, PLAIN, [path], HEADER)
        assert types == SHAPES.types
        typed, text = (rows_read(connection, path, kinds) for kinds in (types, {}))
    assert len(typed) == len(lines)
    assert typed == text


DATED = """\
feed: pos_line
files: dated_*.csv
columns: {store: store_id, till: workstation_id, receipt: transaction_seq, day: business_date,
  line: line_seq, quantity: qty, amount: extended_amount}
"""
DATED_HEADER = "store,till,receipt,day,line,quantity,amount"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("S1,1,2,2026-02-30,1,1,1.00", "business_date: '2026-02-30' is not a date"),
        ("S1,1,1e3,2026-01-05,1,1,1.00", "transaction_seq: '1e3' is not an integer"),
        ("S1,1,2,2026-01-05,1,1,1.00009", "extended_amount: '1.00009' is not a decimal"),
        ("4111111111111111,1,2,2026-01-05,1,1,1.00", "store_id: holds what may be a card number"),
    ],
)
def test_a_wrong_value_costs_its_row_and_no_other(house, deliver, load, raw, wrong, reason):
    """Be it that the line is not let through, that the reader fails, or that a rule is broken."""
    (house.mappings / "dated.yml").write_text(DATED, encoding="utf-8")
    good = "S1,1,1,2026-01-05,1,1,1.00"
    deliver("dated_1.csv", good, wrong, header=DATED_HEADER)
    summary = load()
    assert (summary.loaded_count, summary.quarantined_count) == (1, 1)
    ((line, said),) = raw.execute("select line_number, reasons from quarantine.row").fetchall()
    assert line == 3
    assert said.startswith(reason)


def test_sound_files_are_read_with_types_and_others_as_text(house, deliver, load, monkeypatch):
    (house.mappings / "dated.yml").write_text(DATED, encoding="utf-8")
    found = []

    def watched(*arguments):
        found.append(proven_types(*arguments))
        return found[-1]

    monkeypatch.setattr(insertion, "proven_types", watched)
    deliver("dated_1.csv", "S1,1,1,2026-01-05,1,1,1.00", header=DATED_HEADER)
    assert load().loaded_count == 1
    deliver("dated_2.csv", "S1,1,2,2026-01-05,1,1, 1.00", header=DATED_HEADER)
    assert load().loaded_count == 1
    assert [bool(types) for types in found] == [True, False]
