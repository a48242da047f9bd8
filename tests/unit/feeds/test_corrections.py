"""Fault 23: a correction holds changed receipts only and replaces these, whatever came when."""

from itertools import permutations

import pytest
import yaml

from pipelines.feeds.contract import Contract, load_contracts
from pipelines.feeds.mapping import load_mappings
from pipelines.warehouse.selection import feed_versions

DAY = "sales_2026-01-05.csv"
BREAD, MILK, SOAP = "S1,1,1,1,bread,1,2.50,C1", "S1,1,1,2,milk,1,1.00,C1", "S1,1,2,1,soap,1,4.00,"
BREAD_AT_3 = BREAD.replace("2.50", "3.00")
BREAD_AT_5 = BREAD.replace("2.50", "5.00")

WHOLE_DAY = [("bread", "2.5000"), ("milk", "1.0000"), ("soap", "4.0000")]
AT_3 = [("bread", "3.0000"), ("soap", "4.0000")]
AT_5 = [("bread", "5.0000"), ("soap", "4.0000")]


@pytest.fixture(autouse=True)
def fixes(house):
    """A second mapping of the same tills: files in fixes/ correct those beside it."""
    text = (house.mappings / "sales.yml").read_text(encoding="utf-8")
    text = text.replace("files: ", "delivery: delta\nfiles: fixes/")
    (house.mappings / "fixes.yml").write_text(text, encoding="utf-8")


def counted(raw, feed="pos_line", columns="item_id, cast(extended_amount as varchar)"):
    """The rows of a feed that count; also holds that the counts of every file add up."""
    uneven = raw.execute(
        "select file_name from ledger.file where status = 'loaded' "
        "and row_count is distinct from loaded_count + quarantined_count + duplicate_count"
    ).fetchall()
    assert uneven == []
    return raw.execute(
        f"""
        select {columns} from feeds.{feed}
        where (_file_id, _line_number) not in (
            select (file_id, line_number) from ledger.excluded_row where feed = '{feed}'
        )
        order by all
        """
    ).fetchall()


def counts(raw, name):
    return raw.execute(
        "select row_count, loaded_count, quarantined_count, duplicate_count from ledger.file "
        "where file_name = ? and status = 'loaded'",
        [name],
    ).fetchone()


def test_fault_23_a_correction_replaces_whole_receipts_and_no_others(deliver, load, raw):
    """Receipt 1 has one line now: the milk is gone, and receipt 2 is as it was."""
    deliver(DAY, BREAD, MILK, SOAP)
    load()
    assert counted(raw) == WHOLE_DAY
    deliver(f"fixes/{DAY}", BREAD_AT_3)
    load()
    assert counted(raw) == AT_3
    assert counts(raw, DAY) == (3, 1, 0, 2)
    assert counts(raw, f"fixes/{DAY}") == (1, 1, 0, 0)
    assert raw.execute("select count(*) from feeds.pos_line").fetchone() == (4,), "raw keeps all"
    assert raw.execute("select kind, reason, line_number from ledger.excluded_row").fetchall() == [
        ("replaced", f"replaced by the correction fixes/{DAY}", 2),
        ("replaced", f"replaced by the correction fixes/{DAY}", 3),
    ]


DELIVERIES = [
    (DAY, (BREAD, MILK, SOAP)),
    ("fixes/sales_2026-01-05_a.csv", (BREAD_AT_5,)),
    ("fixes/sales_2026-01-05_b.csv", (BREAD_AT_3,)),
]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_fault_23_the_greatest_name_counts_in_whatever_order_files_come(deliver, load, raw, order):
    for place in order:
        name, rows = DELIVERIES[place]
        deliver(name, *rows)
        load()
    assert counted(raw) == AT_3
    assert load().loaded == []
    assert counted(raw) == AT_3


def test_fault_23_names_are_compared_as_paths_below_landing(deliver, load, raw, house):
    fixes = house.mappings / "fixes.yml"
    text = fixes.read_text(encoding="utf-8")
    text = text.replace("fixes/sales_{business_date}*.csv", "'*/sales_{business_date}*.csv'")
    fixes.write_text(text, encoding="utf-8")
    deliver(DAY, BREAD, MILK, SOAP)
    deliver(f"fixes_2/{DAY}", BREAD_AT_3)
    deliver(f"fixes_1/{DAY}", BREAD_AT_5)
    load()
    assert counted(raw) == AT_3


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_fault_23_a_correction_that_says_again_what_an_earlier_one_said_counts(
    deliver, load, raw, order
):
    """c takes b back with the very bytes of a: it is no copy to be skipped."""
    said = [("a", BREAD_AT_3), ("b", BREAD_AT_5), ("c", BREAD_AT_3)]
    deliver(DAY, BREAD, MILK, SOAP)
    for place in order:
        name, row = said[place]
        deliver(f"fixes/sales_2026-01-05_{name}.csv", row)
        load()
    assert counted(raw) == AT_3


@pytest.mark.parametrize("order", permutations(["plain", "copy", "fix"]))
def test_fault_23_a_correction_with_the_bytes_of_a_plain_file_corrects_the_others(
    deliver, load, raw, order
):
    """Two plain files contradict each other; the correction says which one is right."""
    files = {"plain": (DAY, BREAD), "copy": ("sales_2026-01-05_b.csv", BREAD_AT_3),
             "fix": (f"fixes/{DAY}", BREAD_AT_3)}  # fmt: skip
    for kind in order:
        deliver(files[kind][0], files[kind][1])
        load()
    assert counted(raw) == [("bread", "3.0000")]
    assert raw.execute("select distinct kind from ledger.excluded_row").fetchall() == [
        ("replaced",)
    ]


def test_fault_23_a_replaced_correction_gives_back_the_receipts_it_no_longer_holds(
    deliver, load, raw
):
    deliver(DAY, BREAD, MILK, SOAP)
    deliver(f"fixes/{DAY}", BREAD_AT_3)
    load()
    assert counted(raw) == AT_3
    deliver(f"fixes/{DAY}", SOAP.replace("4.00", "4.50"))
    load()
    assert counted(raw) == [*WHOLE_DAY[:2], ("soap", "4.5000")]
    assert counts(raw, DAY) == (3, 2, 0, 1)


def test_fault_23_a_correction_that_is_refused_replaces_nothing(deliver, load, raw):
    deliver(DAY, BREAD, MILK, SOAP)
    deliver(f"fixes/{DAY}", BREAD_AT_3, header="store,till,receipt,line,item,qty,amuont,card")
    assert f"fixes/{DAY}" in load().refused
    assert counted(raw) == WHOLE_DAY


def test_fault_23_a_bad_row_of_a_correction_is_quarantined_and_its_receipt_is_replaced(
    deliver, load, raw
):
    deliver(DAY, BREAD, MILK, SOAP)
    deliver(f"fixes/{DAY}", BREAD_AT_3, MILK.replace("1.00", "1.0000001"))
    load()
    assert counted(raw) == AT_3
    assert counts(raw, f"fixes/{DAY}") == (2, 1, 1, 0)


def test_fault_23_a_row_that_a_correction_repeats_counts_once(deliver, load, raw):
    deliver(DAY, BREAD, MILK, SOAP)
    deliver(f"fixes/{DAY}", BREAD_AT_3, BREAD_AT_3)
    load()
    assert counted(raw) == AT_3
    assert counts(raw, f"fixes/{DAY}") == (2, 1, 0, 1)


def test_fault_23_the_same_number_of_another_day_till_or_store_is_another_receipt(
    deliver, load, raw
):
    others = [SOAP.replace("S1,1,2", "S2,1,1"), SOAP.replace("S1,1,2", "S1,2,1")]
    deliver("sales_2026-01-04.csv", SOAP.replace("S1,1,2", "S1,1,1"))
    deliver(DAY, BREAD, *others)
    deliver(f"fixes/{DAY}", BREAD_AT_3)
    load()
    assert counted(raw) == [("bread", "3.0000"), *[("soap", "4.0000")] * 3]


def test_fault_23_a_correction_of_tenders_leaves_the_lines_of_the_receipt_alone(
    deliver, load, raw, house
):
    columns = {"store": "store_id", "till": "workstation_id", "receipt": "transaction_seq",
               "no": "tender_seq", "kind": "tender_type", "amount": "amount"}  # fmt: skip
    for folder, delivery in (("paid", "full"), ("paid_fixes", "delta")):
        mapping = {"feed": "pos_tender", "files": folder + "/{business_date}.csv",
                   "delivery": delivery, "columns": columns}  # fmt: skip
        (house.mappings / f"{folder}.yml").write_text(yaml.safe_dump(mapping), encoding="utf-8")
    header = ",".join(columns)
    deliver(DAY, BREAD, MILK, SOAP)
    deliver("paid/2026-01-05.csv", "S1,1,1,1,cash,3.50", "S1,1,2,1,cash,4.00", header=header)
    deliver("paid_fixes/2026-01-05.csv", "S1,1,1,1,card,3.50", header=header)
    load()
    assert counted(raw) == WHOLE_DAY
    assert counted(raw, "pos_tender", "transaction_seq, tender_type") == [(1, "card"), (2, "cash")]


def test_fault_23_corrections_that_change_names_change_the_day(deliver, load, raw, house):
    """Their bytes are the same as before, but the other one counts now."""
    deliver(DAY, BREAD, MILK, SOAP)
    names = ["fixes/sales_2026-01-05_a.csv", "fixes/sales_2026-01-05_b.csv"]
    versions = []
    for rows in ([BREAD_AT_5, BREAD_AT_3], [BREAD_AT_3, BREAD_AT_5]):
        for name, row in zip(names, rows, strict=True):
            deliver(name, row)
        load()
        (day,) = raw.execute("select source_version from ledger.business_day").fetchall()
        raw.execute("checkpoint")
        versions.append((day, feed_versions_of(raw, house)))
    assert counted(raw) == AT_5
    assert versions[0][0] != versions[1][0]
    assert versions[0][1] != versions[1][1]


def feed_versions_of(raw, house):
    """The fingerprints of the feeds, read from a copy: the house's file is open for writing."""
    copy = house.work / "copy.duckdb"
    copy.unlink(missing_ok=True)
    raw.execute(f"attach '{copy}' as copy")
    for schema, table in (
        ("ledger", "file_version"),
        ("identity", "xref_customer_identity"),
        ("identity", "household"),
        ("privacy", "customer_hash"),
    ):
        raw.execute(f"create schema if not exists copy.{schema}")
        raw.execute(f"create table copy.{schema}.{table} as from {schema}.{table}")
    raw.execute("detach copy")
    return feed_versions(copy)


def test_a_receipt_is_what_the_feeds_of_the_till_are_corrected_by(house):
    receipt = ("store_id", "workstation_id", "business_date", "transaction_seq")
    corrected = {
        name: contract.corrected_by
        for name, contract in load_contracts().items()
        if contract.corrected_by
    }
    assert corrected == dict.fromkeys(
        ["pos_discount", "pos_line", "pos_tender", "pos_transaction"], receipt
    )
    assert {mapping.name: mapping.corrects for mapping in load_mappings(house.mappings)} == {
        "fixes": True,
        "sales": False,
    }


@pytest.mark.parametrize("columns", [["store_id"], ["business_date", "item_id"]])
def test_a_contract_whose_corrections_have_no_date_or_no_key_is_refused(columns):
    contract = load_contracts()["pos_line"].model_dump() | {"corrected_by": columns}
    with pytest.raises(ValueError, match="corrected_by holds key columns, business_date among"):
        Contract.model_validate(contract)
