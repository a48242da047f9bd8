"""The file gate against files that DuckDB would read without a word."""

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest

from pipelines.feeds.file_gate import pass_file_gate
from pipelines.feeds.mapping import Mapping
from pipelines.feeds.refusal import FileRefused

HEADER = "store,till,receipt,line,item,qty,amount,card"
ROW = "S1,1,1,1,A,1,2.50,C1"


def mapping(**changes: object) -> Mapping:
    return Mapping.model_validate(
        {
            "name": "sales",
            "feed": "pos_line",
            "files": "sales_{business_date}.csv",
            "columns": {
                "store": "store_id",
                "till": "workstation_id",
                "receipt": "transaction_seq",
                "line": "line_seq",
                "item": "item_id",
                "qty": "qty",
                "amount": "extended_amount",
                "card": "customer_ref",
            },
            **changes,
        }
    )


def gate(path: Path, **changes: object):
    return pass_file_gate(path, mapping(**changes), path.parent / "work")


def csv_file(directory: Path, *lines: str, end: str = "\n") -> Path:
    path = directory / "sales_2026-01-05.csv"
    path.write_bytes((end.join([HEADER, *lines]) + end).encode())
    return path


def test_a_sound_file_passes_with_its_records_counted_and_its_header_read(tmp_path):
    sound = gate(csv_file(tmp_path, ROW, ROW))
    assert sound.record_count == 2
    assert sound.header == tuple(HEADER.split(","))
    assert len(sound.sha256) == 64
    assert sound.path == tmp_path / "sales_2026-01-05.csv"


def test_a_newline_within_quotes_is_not_a_record(tmp_path):
    sound = gate(csv_file(tmp_path, 'S1,1,1,1,"A\nB ""c""\n",1,2.50,C1', ROW))
    assert sound.record_count == 2


def test_a_quote_that_falls_on_a_chunk_border_is_still_counted(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.feeds.unpack.CHUNK_BYTES", 7)
    sound = gate(csv_file(tmp_path, 'S1,1,1,1,"A\nB",1,2.50,C1', ROW, ROW))
    assert sound.record_count == 3


@pytest.mark.parametrize("rule", ["bit", "cut", "crc"])
def test_fault_16_a_damaged_gzip_is_refused(tmp_path, rule):
    packed = bytearray(gzip.compress(("\n".join([HEADER, *[ROW] * 2000]) + "\n").encode()))
    if rule == "bit":
        packed[len(packed) // 2] ^= 0x10
    elif rule == "cut":
        packed = packed[: len(packed) // 2]
    else:
        packed[-8] ^= 0xFF
    path = tmp_path / "sales_2026-01-05.csv.gz"
    path.write_bytes(bytes(packed))
    with pytest.raises(FileRefused) as refusal:
        gate(path, files="sales_{business_date}.csv.gz")
    assert refusal.value.rule in ("gzip", "quotes", "NUL", "encoding", "header")


def test_a_gzip_is_read_through(tmp_path):
    path = tmp_path / "sales_2026-01-05.csv.gz"
    path.write_bytes(gzip.compress(f"{HEADER}\n{ROW}\n".encode()))
    assert gate(path, files="sales_{business_date}.csv.gz").record_count == 1


def test_fault_16_no_damaged_byte_of_a_zip_stops_the_load(tmp_path):
    """Found by the fuzzer: a name that begins with NUL is empty to `zipfile`, which then trips.

    A ValueError (a place before the start of the file) and an LZMAError (another method of
    packing) went through too, and with them all other files of the night.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sales", f"{HEADER}\n{ROW}\n")
    whole = packed.getvalue()
    path = tmp_path / "sales_2026-01-05.csv.zip"
    rules = []
    for place in range(len(whole)):
        for value in {0, 14, 0xFF} - {whole[place]}:
            path.write_bytes(whole[:place] + bytes([value]) + whole[place + 1 :])
            try:
                sound = gate(path, files="sales_{business_date}.csv.zip")
            except FileRefused as refusal:
                rules.append(refusal.rule)
            else:
                rules.append(f"{sound.record_count} record")
    assert set(rules) == {"zip", "1 record"}


@pytest.mark.parametrize(
    ("content", "rule", "words"),
    [
        (b"", "empty", "no bytes"),
        (f"{HEADER}\n{ROW}".encode(), "cut off", "no line end"),
        (f"{HEADER}\nS1,1,1,1,M\xfcsli,1,2,C\n".encode("latin-1"), "encoding", "byte 55"),
        (f'{HEADER}\nS1,1,1,1,"A,1,2,C\n{ROW}\n'.encode(), "quotes", "never closed"),
        (f"{HEADER.replace('qty', 'quantty')}\n{ROW}\n".encode(), "header", "'qty'"),
        (f"{HEADER},qty\n{ROW},1\n".encode(), "header", "'qty' twice"),
        (f"{ROW}\n{ROW}\n".encode(), "header", "no column 'store'"),
        (f"{HEADER};x\n".replace(",", ";").encode(), "header", "no column 'store'"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_with_rule_and_place(tmp_path, content, rule, words):
    path = tmp_path / "sales_2026-01-05.csv"
    path.write_bytes(content)
    with pytest.raises(FileRefused) as refusal:
        gate(path)
    assert refusal.value.rule == rule
    assert words in refusal.value.reason


def test_fault_28_a_renamed_column_is_refused_with_the_nearest_name(tmp_path):
    path = tmp_path / "sales_2026-01-05.csv"
    path.write_text(HEADER.replace("amount", "amounts") + f"\n{ROW}\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="did it become 'amounts'"):
        gate(path)


def test_fault_39_a_link_a_pipe_and_a_directory_are_refused(tmp_path):
    real = csv_file(tmp_path, ROW)
    link, pipe = tmp_path / "link.csv", tmp_path / "pipe.csv"
    link.symlink_to(real)
    os.mkfifo(pipe)
    for path in (link, pipe, tmp_path):
        with pytest.raises(FileRefused, match="regular file"):
            gate(path)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = csv_file(tmp_path, ROW)
    from pipelines.feeds import file_gate

    def grow(*arguments):
        sound = original(*arguments)
        with path.open("a", encoding="utf-8") as file:
            file.write(ROW + "\n")
        return sound

    original = file_gate._pass_text
    monkeypatch.setattr(file_gate, "_pass_text", grow)
    with pytest.raises(FileRefused, match="changed while it was read"):
        gate(path)


@pytest.mark.parametrize("encoding", ["gb18030", "gbk", "utf-16", "cp1252", "utf-8-sig"])
def test_a_declared_encoding_is_transcoded_without_loss(tmp_path, encoding):
    text = "Müsli" if encoding == "cp1252" else "麦片"
    path = tmp_path / "sales_2026-01-05.csv"
    path.write_bytes(f"{HEADER}\nS1,1,1,1,{text},1,2,C\n".encode(encoding))
    sound = gate(path, encoding=encoding)
    assert text in sound.path.read_text(encoding="utf-8")
    assert sound.record_count == 1


def test_fault_33_mixed_line_ends_are_made_one_kind(tmp_path):
    path = tmp_path / "sales_2026-01-05.csv"
    path.write_bytes(f"{HEADER}\r\n{ROW}\n{ROW}\r{ROW}\r\n".encode())
    sound = gate(path)
    assert sound.path.read_bytes().count(b"\r") == 0
    assert sound.record_count == 3


def test_fault_27_columns_that_the_mapping_does_not_name_are_reported(tmp_path):
    path = tmp_path / "sales_2026-01-05.csv"
    path.write_text(f"{HEADER},colour\n{ROW},red\n", encoding="utf-8")
    assert gate(path).unmapped == ("colour",)


def test_fault_27_a_mapping_may_allow_no_column_that_it_does_not_name(tmp_path):
    path = tmp_path / "sales_2026-01-05.csv"
    path.write_text(f"{HEADER},colour\n{ROW},red\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="new columns: .* does not name: colour"):
        gate(path, new_columns="refuse")
    path.write_text(f"{HEADER}\n{ROW}\n", encoding="utf-8")
    assert gate(path, new_columns="refuse").unmapped == ()


def test_fault_16_a_parquet_file_without_its_tail_is_refused(tmp_path):
    path = tmp_path / "coverage.parquet"
    path.write_bytes(b"PAR1" + b"x" * 100)
    with pytest.raises(FileRefused, match="begin and end as Parquet"):
        gate(path, format="parquet")
