"""What tills deliver: encodings, numbers, dates, archives, workbooks. Nothing is guessed."""

import gzip
import io
import zipfile

import pytest
from sample_files import day, moment, write_workbook

from pipelines.feeds import unpack

HEADER = "store,receipt,line,item,qty,amount,moment"
ROW = "S1,1,1,A,1,2.50,2026-01-05T12:00:00Z"

MAPPED = """\
feed: pos_line
files: till_*
columns: {store: store_id, receipt: transaction_seq, line: line_seq, item: item_id, qty: qty,
          amount: extended_amount, moment: sold_at}
constants: {workstation_id: "7"}
business_day: {from: sold_at, time_zone: Europe/Berlin, cut_over_hour: 3}
"""


@pytest.fixture
def declare(house):
    """Writes the mapping of a till's files with further keys."""

    def write(*lines):
        text = "\n".join([MAPPED, *lines]) + "\n"
        (house.mappings / "till.yml").write_text(text, encoding="utf-8")

    return write


def one(raw, query):
    (row,) = raw.execute(query).fetchall()
    return tuple(map(str, row))


def reasons(raw):
    rows = raw.execute("select line_number, reasons from quarantine.row order by 1").fetchall()
    return dict(rows)


def amounts(raw):
    rows = raw.execute("select extended_amount from feeds.pos_line order by _line_number")
    return [str(row[0]) for row in rows.fetchall()]


def text_of(*rows, delimiter=","):
    return "\n".join([HEADER.replace(",", delimiter), *rows]) + "\n"


@pytest.mark.parametrize(
    "encoding",
    ["gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig", "cp1252",
     "latin-1"],
)  # fmt: skip
def test_fault_31_a_declared_encoding_is_read_strictly(deliver, load, raw, declare, encoding):
    item = "Müsli" if encoding in ("cp1252", "latin-1") else "全麦片"
    declare(f"encoding: {'utf-8' if encoding == 'utf-8-sig' else encoding}")
    deliver("till_1.csv", content=text_of(ROW.replace(",A,", f",{item},")).encode(encoding))
    load()
    assert one(raw, "select item_id from feeds.pos_line") == (item,)


@pytest.mark.parametrize(
    ("encoding", "content", "words"),
    [
        ("utf-8", b"M\xfcsli", "byte 50 is not utf-8"),
        ("gb18030", b"\xc2\xf3\xff\xff", "byte 51 is not gb18030"),
        ("cp1252", b"M\x81sli", "byte 50 is not cp1252"),
        ("cp1252", "Müsli".encode(), "the file is UTF-8 and not cp1252"),
        ("gbk", "全麦片粥".encode(), "the file is UTF-8 and not gbk"),
        ("utf-16", b"plain", "no byte order mark at byte 0"),
    ],
)
def test_fault_31_what_cannot_be_decoded_is_refused_with_its_place(
    deliver, load, raw, declare, encoding, content, words
):
    declare(f"encoding: {encoding}")
    deliver("till_1.csv", content=text_of(ROW).encode().replace(b",A,", b"," + content + b","))
    assert f"encoding: {words}" in load().refused["till_1.csv"]


def test_fault_31_the_place_of_a_wrong_byte_counts_what_came_before(
    deliver, load, declare, monkeypatch
):
    """Half a character may wait at the border of two chunks."""
    monkeypatch.setattr(unpack, "CHUNK_BYTES", 7)
    declare("encoding: gb18030")
    content = text_of(ROW).encode("gb18030").replace(b",A,", b",\xc2\xf3\xc2\xf3\xff,")
    deliver("till_1.csv", content=content)
    place = content.index(b"\xff")
    assert f"byte {place} is not gb18030" in load().refused["till_1.csv"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_fault_34_a_declared_delimiter_is_read_and_another_refused(
    deliver, load, raw, declare, delimiter
):
    declare()
    deliver("till_1.csv", content=text_of(ROW, delimiter=delimiter).encode())
    assert "no column 'store'" in load().refused["till_1.csv"]
    declare(f'delimiter: "{delimiter}"'.replace("\t", "\\t"))
    deliver(
        "till_1.csv", content=text_of(ROW.replace(",", delimiter), delimiter=delimiter).encode()
    )
    load()
    assert amounts(raw) == ["2.5000"]


@pytest.mark.parametrize(
    ("declared", "written", "value"),
    [
        ("", "1234.50", "1234.5000"),
        ("", "-1234.50", "-1234.5000"),
        ("", "1.234,50", None),
        ("", "1,234.50", None),
        ("", "(12.50)", None),
        ("", "12.50-", None),
        ("", "€12.50", None),
        ("", "1.2e3", None),
        ('decimal_separator: ","\nthousands_separator: "."', "1.234,5", "1234.5000"),
        ('decimal_separator: ","\nthousands_separator: "."', "1234,5", "1234.5000"),
        ('decimal_separator: ","\nthousands_separator: "."', "12.34,5", None),
        ('decimal_separator: ","\nthousands_separator: " "', "1 234,50", "1234.5000"),
        ('decimal_separator: ","\nthousands_separator: " "', "12\u202f345,50",
         "12345.5000"),
        ('thousands_separator: "\'"', "1'234.50", "1234.5000"),
        ('thousands_separator: "\'"', "1’234.50", "1234.5000"),
        ("negative: trailing", "12.50-", "-12.5000"),
        ("negative: trailing", "12.50", "12.5000"),
        ("negative: trailing", "-12.50", None),
        ("negative: parentheses", "(12.50)", "-12.5000"),
        ("negative: parentheses", "12.50", "12.5000"),
        ("negative: parentheses", "(12.50", None),
        ('negative: parentheses\nthousands_separator: ","', "(1,234.50)", "-1234.5000"),
        ('currency_sign: "€"', "€12.50", "12.5000"),
        ('currency_sign: "€"\ndecimal_separator: ","', "12,50 €", "12.5000"),
        ('currency_sign: "$"\nnegative: parentheses', "($12.50)", "-12.5000"),
        ('currency_sign: "€"', "$12.50", None),
    ],
)  # fmt: skip
def test_fault_35_numbers_are_read_as_declared_and_no_other_way(
    deliver, load, raw, declare, declared, written, value
):
    declare(declared)
    deliver("till_1.csv", content=text_of(ROW.replace("2.50", f'"{written}"')).encode())
    load()
    assert amounts(raw) == ([value] if value else [])
    assert len(reasons(raw)) == (value is None)


@pytest.mark.parametrize(
    ("declared", "written", "moment_utc"),
    [
        ('timestamp_format: "%d/%m/%Y %H:%M"', "05/01/2026 12:30", "2026-01-05 12:30:00"),
        ('timestamp_format: "%d/%m/%Y %H:%M"', "13/01/2026 12:30", "2026-01-13 12:30:00"),
        ('timestamp_format: "%m/%d/%Y %H:%M"', "13/01/2026 12:30", None),
        ('timestamp_format: "%d/%m/%Y %H:%M"', "5/1/2026 12:30", None),
        ('timestamp_format: "%d/%m/%Y %H:%M"', "30/02/2026 12:30", None),
        ('timestamp_format: "%d/%m/%y %H:%M"', "05/01/26 12:30", "2026-01-05 12:30:00"),
        ('timestamp_format: "%d/%m/%Y %H:%M"', "05/01/26 12:30", None),
        ('timestamp_format: "%Y-%m-%d %H:%M %z"', "2026-01-05 12:30 +0200",
         "2026-01-05 10:30:00"),
        ("timestamp_format: excel", "46027.520833333", "2026-01-05 12:30:00"),
        ("timestamp_format: iso", "46027.520833333", None),
    ],
)  # fmt: skip
def test_fault_36_moments_are_read_as_declared_and_no_other_way(
    deliver, load, raw, declare, declared, written, moment_utc
):
    declare(declared)
    deliver("till_1.csv", content=text_of(ROW.replace("2026-01-05T12:00:00Z", written)).encode())
    load()
    found = raw.execute("select cast(sold_at as varchar) from feeds.pos_line").fetchall()
    assert found == ([(moment_utc,)] if moment_utc else [])
    assert len(reasons(raw)) == (moment_utc is None)


@pytest.mark.parametrize(("serial", "day"), [("61", "1900-03-01"), ("46027", "2026-01-05"),
                                             ("60", None), ("46027.5", None)])  # fmt: skip
def test_fault_36_day_numbers_are_dates_only_where_declared(deliver, load, raw, house, serial, day):
    mapping = (
        "feed: item\nfiles: items_{extract_date}.csv\ncolumns: {sku: item_id, day: launch_date}"
    )
    path = house.mappings / "items.yml"
    path.write_text(mapping, encoding="utf-8")
    deliver("items_2026-01-05.csv", f"A,{serial}", header="sku,day")
    load()
    assert "is not a date written %Y-%m-%d" in reasons(raw)[2]
    path.write_text(mapping + "\ndate_format: excel", encoding="utf-8")
    load()
    found = raw.execute("select cast(launch_date as varchar) from feeds.item").fetchall()
    assert found == ([(day,)] if day else [])


def test_a_zip_of_one_file_is_read(deliver, load, raw, declare):
    declare()
    deliver("till_1.csv.zip", content=zip_of({"whatever.csv": text_of(ROW)}))
    load()
    assert amounts(raw) == ["2.5000"]


def zip_of(members, mode=None):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            if mode:
                entry.external_attr = mode << 16
            archive.writestr(entry, text)
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zip_of({"a.csv": text_of(ROW), "b.csv": text_of(ROW)}), "one file is expected"),
        (zip_of({"../../mappings/evil.yml": text_of(ROW)}), "points out of the archive"),
        (zip_of({"/etc/evil.csv": text_of(ROW)}), "points out of the archive"),
        (zip_of({"..\\evil.csv": text_of(ROW)}), "points out of the archive"),
        (zip_of({"a.csv": "/etc/passwd"}, mode=0o120777), "no plain file"),
        (zip_of({"a.csv.zip": text_of(ROW)}), "is an archive itself"),
        (zip_of({"a.csv": text_of(ROW)})[:-30], "not a zip file"),
        (zip_of({}), "it holds 0"),
    ],
)
def test_fault_39_an_archive_is_one_plain_file_or_refused(deliver, load, declare, content, words):
    declare()
    deliver("till_1.csv.zip", content=content)
    assert words in load().refused["till_1.csv.zip"]


def test_fault_16_a_zip_whose_content_was_damaged_is_refused(deliver, load, declare):
    declare()
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", text_of(ROW))
    deliver("till_1.csv.zip", content=stored.getvalue().replace(b"2.50", b"9.50"))
    assert "Bad CRC-32" in load().refused["till_1.csv.zip"]


@pytest.mark.parametrize("suffix", ["gz", "zip"])
def test_fault_38_a_bomb_is_refused_before_it_is_unpacked(
    deliver, load, declare, suffix, monkeypatch
):
    monkeypatch.setattr(unpack, "BYTES_OF_ANY_RATIO", 1 << 16)
    declare()
    text = HEADER + "\n" + "x\n" * 1_000_000
    packed = gzip.compress(text.encode()) if suffix == "gz" else zip_of({"a.csv": text})
    deliver(f"till_1.csv.{suffix}", content=packed)
    assert "unpack to more than 200 times" in load().refused[f"till_1.csv.{suffix}"]


def test_fault_38_a_file_is_held_to_a_size(deliver, load, declare, monkeypatch):
    monkeypatch.setattr(unpack, "MAXIMUM_BYTES", 50)
    declare()
    deliver("till_1.csv", content=text_of(ROW).encode())
    assert "deliver it in parts" in load().refused["till_1.csv"]


@pytest.mark.parametrize("place", [0, 1, 3])
def test_fault_38_an_endless_line_is_refused_with_its_place(deliver, load, declare, place):
    declare()
    lines = [ROW] * 3
    lines.insert(place, "x" * 3_000_000)
    deliver("till_1.csv", content=text_of(*lines).encode())
    begin = len(HEADER) + 1 + place * (len(ROW) + 1)
    assert f"line at byte {begin} is longer" in load().refused["till_1.csv"]


WORKBOOK = [
    ["store", "receipt", "line", "item", "qty", "amount", "moment", "note"],
    ["S1", 1, 1, "007", 1.5, 19.989999999999998, moment(46027.520833333336), "first"],
    [None],
    ["S1", 2, 1, "B", 1, 2.5, moment(46027.520833333336), None],
    ["S1", 3, 1, "C", 1, 2.5, 46027.520833333336, None],
    ["S1", 4, 1, "D", 1, 0.1 + 0.2, moment(46027.75), None],
]


def test_a_workbook_is_read_cell_by_cell_as_excel_shows_it(load, raw, declare, house):
    declare("format: xlsx")
    write_workbook(house.landing / "till_1.xlsx", WORKBOOK)
    load()
    rows = raw.execute(
        "select _line_number, item_id, cast(qty as varchar), cast(extended_amount as varchar), "
        "cast(sold_at as varchar) from feeds.pos_line order by 1"
    ).fetchall()
    assert rows == [
        (2, "007", "1.500", "19.9900", "2026-01-05 12:30:00"),
        (4, "B", "1.000", "2.5000", "2026-01-05 12:30:00"),
        (6, "D", "1.000", "0.3000", "2026-01-05 18:00:00"),
    ]
    assert list(reasons(raw)) == [3, 5], "the blank row and the undeclared day number"
    assert one(raw, "select warning from ledger.file") == ("not mapped: note",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cell": "#N/A"}, "is in error, such as #N/A"),
        ({"cell": 4111111111111111}, "row 3 holds a number of 16 digits"),
        ({"sheet": "Other"}, "there is no sheet 'Sales', but Other"),
        ({"cut": 200}, "xlsx"),
    ],
)
def test_a_workbook_that_cannot_be_believed_is_refused(load, raw, declare, house, changes, words):
    declare("format: xlsx", "sheet: Sales")
    rows = [*WORKBOOK[:2], [*WORKBOOK[3][:3], changes.get("cell", "B"), *WORKBOOK[3][4:]]]
    path = write_workbook(house.landing / "till_1.xlsx", rows, sheet=changes.get("sheet", "Sales"))
    path.write_bytes(path.read_bytes()[: -changes.get("cut", 0) or None])
    assert words in load().refused["till_1.xlsx"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('<row r="4">', '<row r="2">', "row 2 stands in the sheet twice"),
        ('r="D4"', 'r="D2"', "cell 'D2' stands in row 4"),
        ('r="D4"', 'r="B4"', "cell B4 stands in the sheet twice"),
        ('r="D4" t="inlineStr"', "r='D4' t='e'", "cell D4 is in error, such as #N/A"),
        ("</sheetData>", "</sheetDat>", "a sheet is no XML: mismatched tag"),
        ("<worksheet", "<!DOCTYPE a><worksheet", "a sheet declares a document type"),
    ],
)
def test_a_sheet_that_contradicts_itself_is_refused(load, declare, house, old, new, words):
    declare("format: xlsx")
    path = write_workbook(house.landing / "till_1.xlsx", WORKBOOK)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in parts[sheet]
    path.write_bytes(zip_of({**parts, sheet: parts[sheet].replace(old, new, 1)}))
    assert words in load().refused["till_1.xlsx"]


def test_a_workbook_that_unpacks_too_far_is_refused(load, declare, house, monkeypatch):
    monkeypatch.setattr("pipelines.feeds.workbook.MAXIMUM_WORKBOOK_BYTES", 500)
    declare("format: xlsx")
    write_workbook(house.landing / "till_1.xlsx", WORKBOOK)
    assert "unpacks to over 500" in load().refused["till_1.xlsx"]


def test_dates_of_a_workbook_are_dates_and_lose_no_time_of_day(load, raw, house):
    (house.mappings / "items.yml").write_text(
        "feed: item\nfiles: items_{extract_date}.xlsx\nformat: xlsx\n"
        "columns: {sku: item_id, day: launch_date}\ndate_format: '%d.%m.%Y'\n",
        encoding="utf-8",
    )
    write_workbook(
        house.landing / "items_2026-01-05.xlsx",
        [["sku", "day"], ["A", day(46027)], ["B", "05.01.2026"], ["C", day(46027.5)]],
    )
    load()
    rows = raw.execute("select item_id, cast(launch_date as varchar) from feeds.item order by 1")
    assert rows.fetchall() == [("A", "2026-01-05"), ("B", "2026-01-05")]
    assert "'2026-01-05T12:00:00' is not a date" in reasons(raw)[4]


def test_two_stores_that_name_files_alike_do_not_share_a_copy(deliver, load, raw, declare, house):
    """Copies were once named after the file, so one store's rows stood in for another's."""
    declare("encoding: cp1252")
    mapping = house.mappings / "till.yml"
    mapping.write_text(mapping.read_text().replace("till_*", "'*/sales.csv'"), encoding="utf-8")
    for store in ("S1", "S2"):
        row = ROW.replace("S1", store).replace(",A,", ",Müsli,")
        deliver(f"{store}/sales.csv", content=text_of(row).encode("cp1252"))
    load()
    stores = raw.execute("select store_id from feeds.pos_line order by 1").fetchall()
    assert stores == [("S1",), ("S2",)]
    assert list(house.work.iterdir()) == [], "no copy is left behind"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("format: poslog", "POSLog names its columns itself"),
        ("sheet: Sales", "only a workbook has a `sheet`"),
        ("thousands_separator: '.'", "marks both decimals and thousands"),
        ("timestamp_format: '%H:%M %Z'", "names of time zones are ambiguous"),
        ("normalise: {qty: [trim]}", "only text columns are normalised"),
        ("own_numbers: [nothing]", "no column 'nothing'"),
        ("encoding: rot13", "rot13"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused(load, declare, line, words):
    declare(line)
    with pytest.raises(ValueError, match="mapping till.yml") as error:
        load()
    assert words in str(error.value)
