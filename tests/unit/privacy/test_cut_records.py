"""Records that stay of a file: by number, and never of a file that is not as it was counted."""

import pytest

from pipelines.feeds.mapping import Mapping
from pipelines.feeds.refusal import FileRefused
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


def test_a_file_of_other_records_and_a_workbook_are_left_alone(tmp_path):
    path = tmp_path / "contacts"
    path.write_text("id,day\n1,a\n\n2,b\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="2 were counted, here are 3"):
        cut(path, count=2)
    with pytest.raises(FileRefused, match="workbook"):
        cut(path, count=2, file_format="xlsx")
    assert list(tmp_path.iterdir()) == [path], "nothing half-written is left"
