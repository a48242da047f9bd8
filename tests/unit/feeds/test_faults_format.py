"""Faults 28 to 44: what stands in files. Those not here bear their number in other modules."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from pipelines.feeds.text_scan import Lines

ROW = "S1,1,1,1,A,1,2.50,C1"
HEADER = "store,till,receipt,line,item,qty,amount,card"
NAME = "sales_2026-01-05.csv"


def quarantined(raw):
    return dict(raw.execute("select line_number, reasons from quarantine.row").fetchall())


def items(raw):
    return [
        row[0] for row in raw.execute("select item_id from feeds.pos_line order by 1").fetchall()
    ]


def test_fault_28_an_optional_column_that_is_gone_is_blank_and_warned_of(deliver, load, raw):
    deliver(NAME, "S1,1,1,1,A,1,2.50", header=HEADER.removesuffix(",card"))
    load()
    assert raw.execute("select customer_ref from feeds.pos_line").fetchall() == [(None,)]
    found = raw.execute("select warning from ledger.file").fetchall()
    assert found == [("not in the file: card",)]


LINE = '{"store": "S1", "till": "1", "receipt": 1, "line": 1, "item": "A", "qty": 1, "amount": 2.5}'


@pytest.mark.parametrize(
    ("lines", "refusal", "warning"),
    [
        # What one line says nothing of is no member that is gone.
        ([LINE, LINE.replace('"receipt": 1', '"card": null, "receipt": 2')], "", None),
        ([LINE], "", "not in the file: card"),
        ([LINE.replace("}", ', "hue": 1}')], "", "not mapped: hue; not in the file: card"),
        ([LINE.replace("amount", "amounts")] * 2, "'amount'; did it become 'amounts'?", None),
        ([LINE.replace('"qty": 1, ', "")], "no line has the member 'qty'", None),
        (["no object", "[1]"], "", None),
    ],
)  # fmt: skip
def test_fault_28_a_member_that_no_json_line_has_is_a_column_that_is_gone(
    deliver, load, raw, house, lines, refusal, warning
):
    mapping = house.mappings / "sales.yml"
    text = mapping.read_text(encoding="utf-8").replace("*.csv", "*.jsonl")
    mapping.write_text(text + "format: jsonl\n", encoding="utf-8")
    name = NAME.replace(".csv", ".jsonl")
    deliver(name, content="".join(f"{line}\n" for line in lines).encode())
    refused = load().refused
    assert list(refused) == ([name] if refusal else [])
    assert refusal in refused.get(name, "")
    found = raw.execute("select warning from ledger.file where status = 'loaded'").fetchall()
    assert found == ([] if refusal else [(warning,)])


def test_fault_28_a_member_within_an_object_is_looked_for_there(deliver, load, raw, house):
    mapping = house.mappings / "sales.yml"
    text = mapping.read_text(encoding="utf-8").replace("*.csv", "*.jsonl")
    text = text.replace(
        "  card: customer_ref", "  buyer/card: customer_ref\n  buyer/club: promotion_id"
    )
    mapping.write_text(text + "format: jsonl\nnew_columns: refuse\n", encoding="utf-8")
    name = NAME.replace(".csv", ".jsonl")
    deliver(name, content=LINE.replace("}", ', "buyer": {"card": "C1"}}\n').encode())
    assert load().refused == {}
    found = raw.execute(
        "select warning, customer_ref from ledger.file inner join feeds.pos_line on true"
    ).fetchall()
    assert found == [("not in the file: buyer/club", "C1")]


def test_fault_29_a_file_without_a_header_is_refused(deliver, load):
    deliver(NAME, ROW, header=ROW)
    assert "the header has no column 'store'" in load().refused[NAME]


def test_fault_29_a_repeated_header_is_a_bad_row(deliver, load, raw):
    deliver(NAME, HEADER, ROW, HEADER, ROW.replace(",A,", ",B,").replace("1,1,1", "1,2,1"))
    load()
    assert items(raw) == ["A", "B"]
    assert list(quarantined(raw)) == [2, 4]


def test_fault_29_a_repeated_header_is_told_even_where_all_columns_are_text(
    deliver, load, raw, house
):
    (house.mappings / "items.yml").write_text(
        "feed: item\nfiles: items_{extract_date}.csv\ncolumns: {sku: item_id, brand: brand}\n",
        encoding="utf-8",
    )
    deliver("items_2026-01-05.csv", "A,x", "sku,brand", "B,brand", header="sku,brand")
    load()
    found = raw.execute("select item_id from feeds.item order by 1").fetchall()
    assert found == [("A",), ("B",)]
    assert quarantined(raw) == {3: "item_id: the header stands here again"}


def test_fault_30_a_file_most_of_whose_rows_changed_type_is_refused(deliver, load, raw):
    rows = [f"S1,1,{n},1,A,1,2.{'5' * (6 if n % 3 else 2)},C1" for n in range(30)]
    deliver(NAME, *rows)
    reason = load().refused[NAME]
    assert "20 of 30 rows are unsound, such as line 3: extended_amount: '2.555555'" in reason
    assert quarantined(raw) == {}


def test_fault_30_a_file_a_third_of_which_is_bad_is_loaded_in_part(deliver, load, raw):
    deliver(NAME, *[f"S1,1,{n},1,A,1,{'x' if n % 3 == 0 else '1'},C1" for n in range(30)])
    summary = load()
    assert (summary.loaded_count, summary.quarantined_count) == (20, 10)


@pytest.mark.parametrize(
    ("written", "item"),
    [('"A,B"', "A,B"), ('"A ""B"""', 'A "B"'), ('"A\nB"', "A\nB"), ('"A\r\nB"', None)],
)
def test_fault_32_legal_quoting_is_read(deliver, load, raw, written, item):
    deliver(NAME, ROW.replace(",A,", f",{written},"), "S1,1,2,1,Z,1,1,")
    load()
    assert items(raw) == [item or "A\nB", "Z"]


@pytest.mark.parametrize("written", ['A"B', '"A"B', 'A""B"', '"A', '6"'])
def test_fault_32_illegal_quoting_swallows_no_row_uncounted(deliver, load, raw, written):
    rows = [f"S1,1,{n},1,Z{n},1,1," for n in range(2, 5)]
    deliver(NAME, ROW.replace(",A,", f",{written},"), *rows)
    summary = load()
    if not summary.refused:
        assert summary.row_count == 4 == summary.loaded_count + summary.quarantined_count
        assert set(items(raw)) >= {"Z2", "Z3", "Z4"}


@pytest.mark.parametrize(
    "order",
    [
        ["1", "2", "3", "4", "7", 'H",5.5,15.25,C5', "6", 'S1,1,5,1,"G', "8"],
        ["1", "2", 'S1,1,5,1,"G', "4", "3", 'H",5.5,15.25,C5', "6", "7", "8"],
    ],
)
def test_fault_32_two_quotes_out_of_place_do_not_make_the_counts_agree(deliver, load, raw, order):
    """Of several files read together DuckDB drops the end of one whose last quote is open."""
    rows = {str(number): f"S1,1,{number},1,A,1.5,3.25,C1" for number in range(1, 9)}
    rows["4"] = 'S1,1,4,1,"E ""F""",4.5,12.25,C4'
    deliver(NAME, *(rows.get(line, line) for line in order))
    for day in (6, 7, 8):
        deliver(f"sales_2026-01-0{day}.csv", *rows.values())
    assert "quotes: a quote is out of place" in load().refused[NAME]
    assert len(items(raw)) == 24, "the other files are whole"


@pytest.mark.parametrize("chunk_bytes", range(4, 12))
@pytest.mark.parametrize(
    ("text", "is_astray"),
    [
        ('\ufeff"a","b ""c"" d"\n"",1\r\n"e\nf",""""\n', False),
        ('5" nail,1\n', True),
        ('"a" b,1\n', True),
        ('H",1\n2,"G\n', True),
        ('1, "a"\n', True),
    ],
)
def test_a_quote_is_astray_wherever_chunks_end(text, is_astray, chunk_bytes):
    content = text.encode()
    lines = Lines(has_quotes=True)
    for place in range(0, len(content), chunk_bytes):
        lines.count(content[place : place + chunk_bytes])
    assert lines.has_stray_quotes is is_astray


@pytest.mark.parametrize("ends", ["\r\n\r\n\r\n", "\r\r\r", "\r\n\n\r\n\r", "\n\r\r\n\r\n"])
def test_fault_33_line_ends_of_each_kind_and_mixed_ones_are_read(deliver, load, raw, ends):
    ends = re.findall("\r\n|\r|\n", ends)
    rows = [HEADER, *(ROW.replace("1,1,1,A", f"1,{n},1,{n}") for n in range(1, len(ends)))]
    deliver(NAME, content="".join(map("".join, zip(rows, ends, strict=True))).encode())
    summary = load()
    assert (summary.row_count, summary.quarantined_count) == (len(ends) - 1, 0)
    assert items(raw) == [str(n) for n in range(1, len(ends))]


@pytest.mark.parametrize(("form", "mark"), [("csv", "\x1b"), ("jsonl", "\x00"), ("utf-16", "\x00")])
def test_fault_33_a_control_byte_costs_its_own_row_alone(deliver, load, raw, house, form, mark):
    """Also where line ends are mixed, and whatever the file is written in."""
    rows = [HEADER, ROW, ROW.replace("1,1,1,A", f"1,2,1,B{mark}"), ROW.replace("1,1,1", "1,3,1")]
    names = HEADER.split(",")
    if form == "jsonl":
        rows = [json.dumps(dict(zip(names, row.split(","), strict=True))) for row in rows[1:]]
        rows = [row.replace(json.dumps(mark)[1:-1], mark) for row in rows]
    keys = {"csv": "", "jsonl": "format: jsonl\n", "utf-16": "encoding: utf-16\n"}[form]
    mapping = house.mappings / "sales.yml"
    mapping.write_text(mapping.read_text(encoding="utf-8") + keys, encoding="utf-8")
    ends = ["\n", "\r\n", "\r", "\n"]
    text = "".join(f"{row}{end}" for row, end in zip(rows, ends, strict=False))
    deliver(NAME, content=text.encode("utf-16" if form == "utf-16" else "utf-8"))
    summary = load()
    assert (summary.loaded_count, summary.quarantined_count) == (2, 1), summary.refused
    assert items(raw) == ["A", "A"]
    assert list(quarantined(raw)) == [2 if form == "jsonl" else 3]


@pytest.mark.parametrize(
    ("moment", "is_loaded"),
    [
        ("1970-01-01T00:00:00Z", False),
        ("1989-12-31T12:00:00Z", False),
        ("1990-01-01T12:00:00Z", True),
        ("tomorrow", True),
        ("in three days", False),
    ],
)
def test_fault_41_a_clock_that_is_wrong_sends_the_row_to_quarantine(
    deliver, load, raw, house, moment, is_loaded
):
    days = {"tomorrow": 1, "in three days": 3}.get(moment)
    if days:
        moment = f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    mapping = house.mappings / "sales.yml"
    text = mapping.read_text(encoding="utf-8").replace("sales_{business_date}*", "till_*")
    text += "  moment: sold_at\nbusiness_day: {from: sold_at, time_zone: UTC}\n"
    mapping.write_text(text, encoding="utf-8")
    deliver("till_1.csv", f"{ROW},{moment}", header=HEADER + ",moment")
    assert load().loaded_count == is_loaded
    if not is_loaded:
        assert "is the clock right?" in quarantined(raw)[2]


@pytest.mark.parametrize(
    ("moment", "days", "is_loaded"),
    [
        # 5 January begins on the 4th in Kiribati, and ends on the 6th at noon on Baker Island.
        ("2026-01-04T10:00:00Z", 0, True),
        ("2026-01-06T23:59:59Z", 0, True),
        ("2026-01-03T23:59:59Z", 0, False),
        ("2026-01-07T00:00:00Z", 0, False),
        ("2026-01-07T23:59:59Z", 1, True),
        ("2025-01-05T12:00:00Z", 1, False),
        ("1970-01-01T00:00:00Z", 30, False),
        ("", 1, True),
    ],
)
def test_fault_41_a_moment_far_from_the_date_of_its_file_sends_the_row_to_quarantine(
    deliver, load, raw, house, moment, days, is_loaded
):
    """By how much each register's clock goes back is told by meta.register_day."""
    mapping = house.mappings / "sales.yml"
    text = mapping.read_text(encoding="utf-8") + f"  moment: sold_at\nclock_days: {days}\n"
    mapping.write_text(text, encoding="utf-8")
    deliver(NAME, f"{ROW},{moment}", header=HEADER + ",moment")
    assert load().loaded_count == is_loaded
    if not is_loaded:
        assert "is not near 2026-01-05: is the clock right?" in quarantined(raw)[2]


@pytest.mark.parametrize(
    ("qty", "amount", "price", "reason"),
    [("-1", "-2.50", "2.50", None), ("1", "0", "0", None), ("100000", "2.50", "1000000", None),
     ("999999", "2.50", "", "qty: '999999' is above 100000"),
     ("1", "1000000.01", "", "extended_amount: '1000000.01' is above 1e+06"),
     ("1", "2.50", "1000000.01", "actual_unit_price: '1000000.01' is above 1e+06"),
     ("1", "2.50", "-2.50", "actual_unit_price: '-2.50' is below 0")],
)  # fmt: skip
def test_fault_44_hard_limits_send_a_row_to_quarantine_and_signs_do_not(
    deliver, load, raw, house, qty, amount, price, reason
):
    """What lies within them and far from what the item costs is told by meta.doubtful_line."""
    mapping = house.mappings / "sales.yml"
    text = mapping.read_text(encoding="utf-8").replace(
        "card: customer_ref", "card: customer_ref\n  price: actual_unit_price"
    )
    mapping.write_text(text, encoding="utf-8")
    deliver(NAME, f"S1,1,1,1,A,{qty},{amount},C1,{price}", header=HEADER + ",price")
    load()
    assert quarantined(raw) == ({2: reason} if reason else {})
    assert items(raw) == ([] if reason else ["A"])


MONEY = "store,till,receipt,line,item,qty,amount,discount,money,rate"
FOREIGN = "S1,1,1,1,A,2,{amount},0.50,{money},{rate}"


@pytest.fixture
def in_euro(house):
    """Sales that name their currency, kept in euro."""
    mapping = house.mappings / "sales.yml"
    text = mapping.read_text(encoding="utf-8").replace(
        "  card: customer_ref", "  discount: line_discount\n  money: currency\n  rate: fx_rate"
    )
    mapping.write_text("reporting_currency: EUR\n" + text, encoding="utf-8")


def kept(raw):
    return raw.execute(
        "select cast(extended_amount as varchar), cast(line_discount as varchar), currency, qty "
        "from feeds.pos_line"
    ).fetchall()


@pytest.mark.usefixtures("in_euro")
@pytest.mark.parametrize(
    ("amount", "money", "rate", "expected"),
    [
        # 10.00 x 1.0625 = 10.625 and 0.50 x 1.0625 = 0.53125, half away from zero
        ("10.00", "CHF", "1.0625", ("10.6250", "0.5313")),
        ("-10.00", "CHF", "1.0625", ("-10.6250", "0.5313")),
        # 15,000,000 x 0.0000587 = 880.5, though the limit of a line is a million
        ("15000000", "IDR", "0.0000587", ("880.5000", "0.0000")),
        # our own money has the rate 1, whatever else it is said to have
        ("10.00", "EUR", "7", ("10.0000", "0.5000")),
        ("10.00", "eur", "", ("10.0000", "0.5000")),
        ("10.00", "", "7", ("10.0000", "0.5000")),
    ],
)
def test_fault_43_foreign_money_is_kept_by_the_rate_of_its_row(
    deliver, load, raw, amount, money, rate, expected
):
    deliver(NAME, FOREIGN.format(amount=amount, money=money, rate=rate), header=MONEY)
    assert load().quarantined_count == 0
    assert kept(raw) == [(*expected, money or None, 2)]


@pytest.mark.usefixtures("in_euro")
@pytest.mark.parametrize("rate", ["", "0", "-1", "much"])
def test_fault_43_foreign_money_without_a_rate_is_quarantined(deliver, load, raw, rate):
    own = FOREIGN.format(amount="10.00", money="EUR", rate="").replace("S1,1,1", "S1,1,2")
    deliver(NAME, FOREIGN.format(amount="10.00", money="CHF", rate=rate), own, header=MONEY)
    summary = load()
    assert (summary.loaded_count, summary.quarantined_count) == (1, 1)
    reason = "currency: 'CHF' is not EUR, and fx_rate gives no rate for it"
    assert reason in quarantined(raw)[2]
    assert [row[:3] for row in kept(raw)] == [("10.0000", "0.5000", "EUR")]


@pytest.mark.usefixtures("in_euro")
def test_fault_43_a_limit_is_one_of_the_reporting_currency(deliver, load, raw):
    """900,000 francs are 1.08 million euro: more than a line may come to."""
    deliver(NAME, FOREIGN.format(amount="900000", money="CHF", rate="1.2"), header=MONEY)
    load()
    assert quarantined(raw)[2] == "extended_amount: '900000' is above 1e+06"


@pytest.mark.usefixtures("in_euro")
def test_fault_43_an_amount_that_no_column_holds_is_quarantined(deliver, load, raw):
    row = FOREIGN.format(amount="1", money="CHF", rate="99999999").replace("0.50", "99999999999999")
    deliver(NAME, row, header=MONEY)
    load()
    assert "line_discount: '99999999999999' is too large in EUR" in quarantined(raw)[2]


def test_fault_43_a_home_of_before_learns_the_columns_of_the_rate(deliver, load, raw):
    deliver(NAME, ROW)
    load()
    # As made from contracts that did not know the rate.
    raw.execute("alter table feeds.pos_line drop column fx_rate")
    raw.execute("update ledger.layout set fingerprint = 'of before'")
    deliver("sales_2026-01-06.csv", ROW)
    assert load().loaded == ["sales_2026-01-06.csv"]
    assert raw.execute("select fx_rate from feeds.pos_line").fetchall() == [(None,), (None,)]
