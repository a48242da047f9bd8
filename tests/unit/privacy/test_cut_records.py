"""Records that stay of a file: by number, and never of a file that is not as it was counted."""

import zipfile

import pytest
from small_workbook import SHEET, cell, write_workbook

from pipelines.feeds.mapping import Mapping
from pipelines.feeds.refusal import FileRefused
from pipelines.feeds.workbook import read_sheet
from pipelines.privacy.cut_records import KeptRecords, cut_records


def cut(path, *, count: int, file_format: str = "csv"):
    mapping = Mapping(
        name="contacts", feed="contact_log", files="contacts.*", format=file_format,
        columns={"id": "contact_id", "day": "contact_date", "channel": "channel"},
    )  # fmt: skip
    kept = KeptRecords(record_count=count, numbers=frozenset({2}), closed_weeks=frozenset())
    return cut_records(path.name, path, mapping, kept)


@pytest.mark.parametrize(
    ("file_format", "text", "expected"),
    [
        ("csv", 'id,day\n1,"a\nb"\n2,c\n', 'id,day\n1,"a\nb"\n'),
        ("jsonl", '{"id": 1}\n{"id": 2}\n', '{"id": 2}\n'),
    ],
)
def test_a_header_is_a_record_and_a_quoted_line_end_is_none(tmp_path, file_format, text, expected):
    path = tmp_path / "contacts"
    path.write_text(text, encoding="utf-8", newline="")
    new = cut(path, count=2, file_format=file_format)
    assert new is not None
    assert new.partial.read_text(encoding="utf-8") == expected


def test_a_file_of_other_records_is_left_alone(tmp_path):
    path = tmp_path / "contacts"
    path.write_text("id,day\n1,a\n\n2,b\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="2 were counted, here are 3"):
        cut(path, count=2)
    assert list(tmp_path.iterdir()) == [path], "nothing half-written is left"


def row(number: int, cells: str) -> str:
    return f'<x:row r="{number}" spans="1:4">{cells}</x:row>'


def number(at: str, value: str, *, style: int = 1, formula: str = "") -> str:
    return f'<x:c r="{at}" s="{style}">{formula}<x:v>{value}</x:v></x:c>'


def contacts_sheet(*rows: str, after: str = "") -> str:
    """A sheet of contacts; of the shared texts 8 is C1, 12 is C2, 9 and 13 are their names."""
    return SHEET[: SHEET.index("<x:row")] + "".join(rows) + f"</x:sheetData>{after}</x:worksheet>"


HEADER = row(1, cell("A1", "id") + cell("B1", "since") + cell("C1", "name") + cell("D1", "note"))
GONE = row(
    2,
    cell("A2", "C1") + number("B2", "45658", style=2) + cell("C2", "Müller")
    + number("D2", "2", formula='<x:f t="shared" ref="D2:D3" si="0">B2*2</x:f>'),
)  # fmt: skip
STAYS = row(
    4,
    cell("A4", "C2") + number("B4", "45659", style=2) + cell("C4", "Other")
    + number("D4", "7.5", formula='<x:f t="shared" si="0"/>'),
)  # fmt: skip


def cut_workbook(path, sheet: str, *, stays: int = 4, count: int = 3, **options):
    """Row 3 of the sheet has no cell."""
    write_workbook(path, sheet, **options)
    mapping = Mapping(
        name="contacts", feed="contact_log", files="contacts.*", format="xlsx", sheet="Customers",
        columns={"id": "contact_id", "since": "contact_date", "name": None, "note": "channel"},
    )  # fmt: skip
    kept = KeptRecords(record_count=count, numbers=frozenset({stays}), closed_weeks=frozenset())
    new = cut_records(path.name, path, mapping, kept)
    assert new is not None
    return new.partial, mapping


def test_rows_of_a_workbook_close_up_and_load_as_they_did(tmp_path):
    path = tmp_path / "contacts.xlsx"
    new, mapping = cut_workbook(path, contacts_sheet(HEADER, GONE, STAYS))
    old_sheet, new_sheet = read_sheet(path, mapping), read_sheet(new, mapping)
    assert len(new_sheet.rows) == 2
    assert new_sheet.texts(2, mapping) == old_sheet.texts(4, mapping)
    assert new_sheet.texts(2, mapping) == ["C2", "2025-01-02", "Other", "7.5"]
    # The formulas of the sheet are values, so nothing says which cells have one.
    moved = row(
        2, cell("A2", "C2") + number("B2", "45659", style=2) + cell("C2", "Other")
        + number("D2", "7.5"),
    )  # fmt: skip
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(new) as written:
        assert set(old.namelist()) - set(written.namelist()) == {"xl/calcChain.xml"}
        for part in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
            assert b"calcChain" in old.read(part)
            assert b"calcChain" not in written.read(part)
        _, _, part = written.read("xl/worksheets/sheet2.xml").decode().partition("?>")
        assert part == contacts_sheet(HEADER, moved)
        texts = written.read("xl/sharedStrings.xml").decode()
        assert "Müller" not in texts
        assert "<si><t>C1</t></si>" in texts, "the other sheet uses it too"
        assert "<si><t>calls &lt;often&gt;</t></si>" in texts, "no row that is gone used it"
        other = "xl/worksheets/sheet1.xml"
        assert written.read(other) == old.read(other)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"count": 2}, "2 were counted, here are 3"),
        ({"after": '<x:mergeCells><x:mergeCell ref="A2:A4"/></x:mergeCells>'}, "bound to A2:A4"),
        ({"after": '<x:hyperlinks><x:hyperlink ref="C4"/></x:hyperlinks>'}, "bound to C4"),
        ({"more": {"xl/pivotCache/pivotCacheRecords1.xml": "<records/>"}}, "may tell of rows"),
        ({"more": {"xl/comments1.xml": "<comments/>"}}, "may tell of rows"),
    ],
)
def test_a_workbook_in_which_more_than_rows_tells_of_them_is_left_alone(tmp_path, options, reason):
    path = tmp_path / "contacts.xlsx"
    sheet = contacts_sheet(HEADER, GONE, STAYS, after=options.pop("after", ""))
    with pytest.raises(FileRefused, match=reason):
        cut_workbook(path, sheet, **options)
    assert list(tmp_path.iterdir()) == [path], "nothing half-written is left"


def test_merged_cells_of_the_header_stay(tmp_path):
    merged = '<x:mergeCells><x:mergeCell ref="E1:F1"/></x:mergeCells>'
    sheet = contacts_sheet(HEADER, GONE, STAYS, after=merged)
    new, mapping = cut_workbook(tmp_path / "contacts.xlsx", sheet)
    assert len(read_sheet(new, mapping).rows) == 2
