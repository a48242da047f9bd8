"""Manifests: what a sender says of a file is held, and a file that says otherwise is refused."""

import hashlib
import json

import pytest

ROWS = ("S1,1,1,1,A,1,2.50,C1", "S1,1,2,1,B,2,10.00,")
NAME = "sales_2026-01-05.csv"


@pytest.fixture
def sent(deliver):
    """A file of two rows with a manifest, in which some entries may say otherwise."""

    def write(rows=ROWS, in_folder=False, **changes):
        path = deliver(NAME, *rows)
        said = {
            "feed": "pos_line",
            "schema_version": 1,
            "store_id": "S1",
            "business_date": "2026-01-05",
            "row_count": 2,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "sum_amount": "12.50",
            "sum_qty": 3,
            "produced_at": "2026-01-06T01:00:00Z",
            **changes,
        }
        if in_folder:
            deliver(
                "manifest.json", content=json.dumps({"files": [{"file": NAME, **said}]}).encode()
            )
        else:
            deliver(NAME + ".manifest.json", content=json.dumps(said).encode())
        return path

    return write


@pytest.mark.parametrize("in_folder", [False, True])
def test_a_file_that_its_manifest_describes_is_loaded(sent, load, raw, in_folder):
    sent(in_folder=in_folder)
    summary = load()
    assert (summary.loaded, summary.strangers, summary.refused) == ([NAME], [], {})
    assert load().loaded == []


@pytest.mark.parametrize("in_folder", [False, True])
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"row_count": 3}, "the manifest says row_count 3, the file holds 2"),
        ({"sum_amount": "12.51"}, "the manifest says sum_amount 12.51, the file holds 12.5000"),
        ({"sum_qty": 4}, "the manifest says sum_qty 4, the file holds 3.000"),
        ({"sha256": "ab" * 32}, "the manifest says sha256 abab"),
        ({"feed": "pos_tender"}, "says feed pos_tender, the mapping says pos_line"),
        ({"store_id": "S2"}, "the manifest says store_id S2, the file holds S1"),
        ({"business_date": "2026-01-04"}, "business_date 2026-01-04, the file holds 2026-01-05"),
        ({"row_count": "many"}, "the manifest cannot be read: "),
        ({"colour": 2}, "the manifest cannot be read: "),
    ],
)
def test_a_file_that_its_manifest_does_not_describe_is_refused_with_both_numbers(
    sent, load, raw, changes, words, in_folder
):
    sent(in_folder=in_folder, **changes)
    summary = load()
    assert summary.loaded == []
    assert words in summary.refused[NAME]


def test_fault_15_a_file_cut_at_a_row_boundary_is_told_by_its_manifest(sent, load):
    sent(rows=ROWS[:1], sha256=None)
    assert "row_count 2, the file holds 1" in load().refused[NAME]


def test_rows_that_go_to_quarantine_count_in_the_sums(sent, load, raw):
    sent(rows=(ROWS[0], "S1,1,oops,1,B,2,10.00,"))
    assert load().quarantined_count == 1


def test_a_mended_manifest_lets_its_file_in(sent, load):
    sent(row_count=3)
    load()
    assert load().refused == {}, "nothing changed, so nothing is looked at again"
    sent()
    assert load().loaded == [NAME]


def test_a_file_waits_for_the_manifest_that_its_mapping_asks_for(sent, deliver, load, house):
    mapping = house.mappings / "sales.yml"
    mapping.write_text(mapping.read_text() + "ready_when: manifest\n", encoding="utf-8")
    deliver(NAME, *ROWS)
    assert load().not_ready == [NAME]
    sent()
    assert load().loaded == [NAME]


def test_fault_14_a_file_waits_for_its_done_mark(deliver, load, house):
    mapping = house.mappings / "sales.yml"
    mapping.write_text(mapping.read_text() + "ready_when: done\n", encoding="utf-8")
    deliver(NAME, *ROWS)
    summary = load()
    assert (summary.not_ready, summary.refused) == ([NAME], {})
    (house.landing / (NAME + ".done")).touch()
    assert load().loaded == [NAME]


@pytest.mark.parametrize("name", ["../sales_2026-01-05.csv", "..\\sales.csv", "a/b.csv"])
def test_fault_39_a_manifest_names_files_of_its_own_folder_only(deliver, load, name):
    deliver(NAME, *ROWS)
    said = {"files": [{"file": name, "feed": "pos_line", "row_count": 2}]}
    deliver("manifest.json", content=json.dumps(said).encode())
    assert "`file` must name a file of the folder" in load().refused[NAME]
