"""Faults 14 to 25 and 39: how files arrive. Those not here bear their number in other modules."""

import gzip
import hashlib
import json
import os
from datetime import UTC, datetime

import pyarrow
import pyarrow.parquet
import pytest
import yaml

from pipelines.feeds import ledger, loader
from pipelines.feeds.contract import load_contracts
from pipelines.feeds.parquet_pages import read_numbers
from pipelines.feeds.raw_tables import create_tables

ROW = "S1,1,1,1,A,1,2.50,C1"
OTHER = "S1,1,2,1,B,1,10.00,C2"
HEADER = "store,till,receipt,line,item,qty,amount,card"
NAME = "sales_2026-01-05.csv"


def amounts(raw):
    rows = raw.execute("select extended_amount from feeds.pos_line order by transaction_seq")
    return [str(row[0]) for row in rows.fetchall()]


@pytest.mark.parametrize("cut", ["in a row", "in a field", "in a number", "before the line end"])
def test_fault_15_a_file_cut_off_is_refused(deliver, load, raw, cut):
    whole = f"{HEADER}\n{ROW}\n{OTHER}\n"
    end = {"in a row": "B,1,", "in a field": "10.00,C", "in a number": "10.", "before the line end":
           "10.00,C2"}[cut]  # fmt: skip
    deliver(NAME, content=whole[: whole.index(end) + len(end)].encode())
    assert "cut off: the last line has no line end" in load().refused[NAME]
    assert amounts(raw) == []


@pytest.mark.parametrize(
    ("has_checksums", "sent_with", "without_checksum", "is_flipped", "reason"),
    [
        (True, "nothing", "refuse", False, None),
        (True, "nothing", "warn", True, "checksum: the page at byte"),
        (False, "manifest", "refuse", False, None),
        (False, "manifest", "warn", True, "manifest: the manifest says sha256"),
        (False, "nothing", "warn", False, None),
        (False, "nothing", "refuse", False, "checksum: neither its pages nor a manifest"),
    ],
)
def test_fault_16_a_flipped_bit_in_parquet_is_told_by_a_checksum(
    load, raw, house, has_checksums, sent_with, without_checksum, is_flipped, reason
):
    """DuckDB reads it without a word: a value is another and nothing else."""
    (house.mappings / "items.yml").write_text(
        "feed: item\nfiles: items_{extract_date}.parquet\nformat: parquet\n"
        f"columns: {{sku: item_id, name: item_name}}\nwithout_checksum: {without_checksum}\n",
        encoding="utf-8",
    )
    path = house.landing / "items_2026-01-05.parquet"
    pyarrow.parquet.write_table(
        pyarrow.table({name: [f"{name}{n}" for n in range(100)] for name in ("sku", "name")}),
        path,
        compression="none",
        write_page_checksum=has_checksums,
    )
    content = path.read_bytes()
    if sent_with == "manifest":
        said = {"feed": "item", "row_count": 100, "sha256": hashlib.sha256(content).hexdigest()}
        path.with_name(path.name + ".manifest.json").write_text(json.dumps(said), encoding="utf-8")
    if is_flipped:
        path.write_bytes(content.replace(b"name42", b"name52", 1))
    summary = load()
    assert list(summary.refused) == ([path.name] if reason else [])
    assert (reason or "") in summary.refused.get(path.name, "")
    is_proven = has_checksums or sent_with == "manifest"
    found = raw.execute(
        "select is_proven, warning from ledger.file where status = 'loaded'"
    ).fetchall()
    assert found == ([] if reason else [(is_proven, None)])
    assert summary.unproven == ({} if reason or is_proven else {"item": 1})


def test_fault_16_what_an_earlier_release_warned_of_is_counted_still(raw):
    """It told unproven files by a warning each, and its ledger has no such column."""
    create_tables(raw)
    ledger.insert_files(raw, [
        {"file_id": 1, "status": "loaded", "warning": "no checksum; not mapped: colour"},
        {"file_id": 2, "status": "loaded", "warning": None},
    ])  # fmt: skip
    raw.execute("alter table ledger.file drop column is_proven")
    raw.execute("delete from ledger.layout")
    create_tables(raw)
    found = raw.execute("select file_id, is_proven from ledger.file order by 1").fetchall()
    assert found == [(1, False), (2, True)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # type 0, then sizes 5 and 3 and the checksum -1, zigzag; a struct with a text; the end
        ("15 00 15 0A 15 06 15 01 1C 18 02 61 62 00 00", {1: 0, 2: 5, 3: 3, 4: -1}),
        ("05 08 06 11 00", {4: 3}),  # the field's number in a byte of its own; then a true
        ("15", IndexError),
        ("18 05 61", IndexError),
        ("15 FF FF FF FF FF FF FF FF FF FF 01 00", ValueError),
        ("1F 00", KeyError),
        ("1C " * 20000, RecursionError),
    ],
)
def test_a_page_says_its_length_and_its_checksum(content, expected):
    """By the compact protocol of Thrift, worked out by hand."""
    content = bytes.fromhex(content)
    if isinstance(expected, dict):
        assert read_numbers(content) == (expected, len(content))
    else:
        with pytest.raises(expected):
            read_numbers(content)


@pytest.mark.parametrize("content", [b"", f"{HEADER}\n".encode(), b"\n"])
def test_fault_17_a_file_without_rows_is_refused(deliver, load, house, content):
    path = house.landing / NAME
    path.write_bytes(content)
    assert NAME in load().refused


# What may not happen for a day; a store that sells always has lines and receipts.
MAY_NOT_HAPPEN = (
    *("campaign_touch", "contact_log", "coupon_redemption", "crm_consent", "crm_lead"),
    *("crm_opportunity", "loyalty_event", "pos_discount", "pos_tender", "serial_registration"),
    *("service_case", "stock_movement", "survey"),
)


@pytest.mark.parametrize(
    ("feed", "name", "reason"),
    [
        ("loyalty_event", "empty.jsonl", None),
        ("loyalty_event", "empty.jsonl.gz", None),
        ("pos_line", "empty.jsonl", "empty: the file has no bytes"),
        ("pos_line", "empty.jsonl.gz", "empty: the compressed file holds no bytes"),
    ],
)
def test_fault_17_json_lines_without_a_byte_are_a_day_without_events(
    feed, name, reason, load, raw, house
):
    """JSON lines have no header: a system with nothing to say writes nothing."""
    columns = {column.name: column.name for column in load_contracts()[feed].columns}
    mapping = {"feed": feed, "files": "empty.*", "format": "jsonl", "columns": columns,
               "reporting_currency": "EUR"}  # fmt: skip
    (house.mappings / "empty.yml").write_text(yaml.safe_dump(mapping), encoding="utf-8")
    (house.landing / name).write_bytes(gzip.compress(b"") if name.endswith(".gz") else b"")
    assert load().refused.get(name) == reason
    counts = raw.execute("select status, row_count, loaded_count from ledger.file").fetchall()
    assert counts == [("refused", None, None) if reason else ("loaded", 0, 0)]


@pytest.mark.parametrize("feed", load_contracts())
def test_fault_17_a_header_alone_is_loaded_where_the_contract_allows_it(feed, deliver, load, house):
    columns = {column.name: column.name for column in load_contracts()[feed].columns}
    mapping = {"feed": feed, "files": "empty.csv", "columns": columns,
               "reporting_currency": "EUR"}  # fmt: skip
    (house.mappings / "empty.yml").write_text(yaml.safe_dump(mapping), encoding="utf-8")
    deliver("empty.csv", header=",".join(columns))
    summary = load()
    if feed in MAY_NOT_HAPPEN:
        assert summary.loaded == ["empty.csv"]
    else:
        assert "the file holds no records" in summary.refused["empty.csv"]


def test_fault_19_the_same_file_again_changes_nothing(deliver, load, raw):
    path = deliver(NAME, ROW)
    load()
    before = raw.execute("from ledger.file").fetchall()
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000_000))
    load()
    assert amounts(raw) == ["2.5000"]
    assert len(raw.execute("from ledger.file").fetchall()) <= len(before) + 1


def test_fault_24_a_file_that_comes_a_month_late_belongs_to_its_own_day(deliver, load, raw):
    deliver("sales_2026-02-10.csv", ROW)
    load()
    version = "select business_date, source_version from ledger.business_day order by 1"
    ((day, before),) = raw.execute(version).fetchall()
    deliver("sales_2026-01-05.csv", ROW)
    load()
    found = raw.execute(version).fetchall()
    assert [str(date) for date, _ in found] == ["2026-01-05", "2026-02-10"]
    assert found[1] == (day, before), "the day that was there is not built anew"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("S2_2026-01-05.csv", "store_id: S1 is not S2, which the file name says"),
        ("S1_2026-01-05.csv", None),
    ],
)
def test_fault_25_a_store_in_the_name_that_no_row_names_refuses_the_file(
    deliver, load, raw, house, name, words
):
    mapping = house.mappings / "sales.yml"
    text = mapping.read_text(encoding="utf-8")
    text = text.replace("sales_{business_date}*.csv", "'{store_id}_{business_date}.csv'")
    mapping.write_text(text, encoding="utf-8")
    deliver(name, ROW, OTHER)
    refused = load().refused
    assert (words in refused[name]) if words else (refused == {})
    assert len(amounts(raw)) == (0 if words else 2)


def test_fault_25_a_name_that_is_no_date_is_no_delivery(deliver, load):
    deliver("sales_2026-13-77.csv", ROW)
    summary = load()
    assert summary.loaded == []


def test_fault_39_a_second_name_of_a_file_is_refused(deliver, load, house, tmp_path):
    outside = tmp_path / "secret.csv"
    outside.write_text(f"{HEADER}\n{ROW}\n", encoding="utf-8")
    os.link(outside, house.landing / NAME)
    assert "only plain files of one name" in load().refused[NAME]


def test_fault_39_a_linked_folder_is_not_walked(load, house, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / NAME).write_text(f"{HEADER}\n{ROW}\n", encoding="utf-8")
    (house.landing / "inside").symlink_to(outside)
    assert load().loaded == []


@pytest.mark.parametrize("mark", ["\n", '"', "'", ";", "*", "?", "[a]", "{", "\\", " ", "é", "%"])
def test_fault_39_a_name_is_a_name_whatever_it_holds(deliver, load, raw, mark):
    deliver(f"sales_2026-01-05{mark}.csv", ROW)
    summary = load()
    assert summary.loaded == [f"sales_2026-01-05{mark}.csv"]
    assert raw.execute("select count(*) from feeds.pos_line").fetchall() == [(1,)]


def test_fault_42_the_newest_entry_is_told_by_a_counter_and_not_by_the_clock(
    deliver, load, raw, monkeypatch
):
    class EarlierClock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2001, 1, 1, tzinfo=UTC)

    deliver(NAME, ROW)
    load()
    monkeypatch.setattr(loader, "datetime", EarlierClock)
    deliver(NAME, ROW.replace("2.50", "3.50"))
    load()
    assert amounts(raw) == ["3.5000"]
    found = raw.execute("select status from ledger.file order by file_id").fetchall()
    assert found == [("superseded",), ("loaded",)]
    assert load().loaded == []
