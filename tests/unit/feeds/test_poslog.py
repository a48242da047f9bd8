"""POSLog: one XML file, several feeds, one load path; expected values are read off the file."""

from pathlib import Path

import pytest

from pipelines.feeds import poslog
from pipelines.feeds.contract import load_contracts
from pipelines.feeds.poslog_rows import ROWS_OF

DAY = (Path(__file__).parents[2] / "fixtures" / "poslog_day.xml").read_text(encoding="utf-8")


@pytest.fixture
def declare(house):
    """One mapping a feed, all of which claim the same files."""
    for feed in ROWS_OF:
        (house.mappings / f"poslog_{feed}.yml").write_text(
            f"feed: {feed}\nformat: poslog\nfiles: poslog/*.xml*\nreporting_currency: EUR\n",
            encoding="utf-8",
        )


def rows(raw, feed, columns):
    shown = ", ".join(f"cast({column} as varchar)" for column in columns.split())
    return raw.execute(f"select {shown} from feeds.{feed} order by _line_number").fetchall()


@pytest.fixture
def loaded(deliver, load, raw, declare):
    deliver("poslog/day.xml", content=DAY.encode())
    assert load().refused == {}
    return raw


def test_every_column_that_poslog_fills_is_one_of_the_contract():
    for feed, (columns, _) in ROWS_OF.items():
        assert set(columns) <= {column.name for column in load_contracts()[feed].columns}


def test_one_file_fills_five_feeds_and_each_has_its_ledger_entry(loaded):
    entries = loaded.execute(
        "select feed, row_count, loaded_count, quarantined_count from ledger.file order by feed"
    ).fetchall()
    assert entries == [
        ("pos_discount", 2, 2, 0),
        ("pos_line", 3, 3, 0),
        ("pos_tender", 2, 2, 0),
        ("pos_transaction", 2, 2, 0),
        ("register_session", 1, 1, 0),
    ]
    assert loaded.execute("select count(distinct sha256) from ledger.file").fetchall() == [(1,)]


def test_receipts_have_their_totals_and_kind(loaded):
    columns = (
        "store_id workstation_id transaction_seq business_date begin_ts txn_type currency "
        "item_count total_net total_tax total_gross"
    )
    assert rows(loaded, "pos_transaction", columns) == [
        ("S1", "3", "17", "2026-01-05", "2026-01-05 11:00:00", "exchange", "EUR", "3",
         "4.9000", "1.6000", "6.5000"),
        ("S1", "3", "18", "2026-01-05", None, "no_sale", None, None,
         "0.0000", "0.0000", "0.0000"),
    ]  # fmt: skip


def test_lines_are_net_of_the_tax_that_a_flag_says_is_within(loaded):
    columns = "line_seq line_type void_flag item_id gtin qty uom extended_amount line_discount"
    assert rows(loaded, "pos_line", columns + " tax_amount entry_method customer_ref") == [
        ("1", "sale", None, "A", "4006381333931", "2.000", "EA", "8.4000", "2.0000", "1.6000",
         "scanned", "C1"),
        ("2", "return", None, "4711", None, "1.000", None, "3.0000", None, None, "keyed", "C1"),
        ("3", "sale", "true", "B", None, "1.000", None, "4.0000", "1.0000", None, None, "C1"),
    ]  # fmt: skip


def test_a_return_names_the_receipt_it_refers_to(loaded):
    columns = (
        "original_store_id original_workstation_id original_transaction_seq "
        "original_business_date original_line_seq return_reason restock_flag"
    )
    assert rows(loaded, "pos_line", columns)[1] == (
        "S1", "2", "9", "2026-01-02", "4", "damaged", "true",
    )  # fmt: skip


def test_discounts_of_voided_lines_are_left_out(loaded):
    columns = "line_seq mod_seq scope amount promotion_id method reason"
    assert rows(loaded, "pos_discount", columns) == [
        ("1", "1", "line", "2.0000", "P1", "amt", None),
        ("0", "4", "basket", "0.5000", None, "pct", "staff"),
    ]


def test_a_refund_is_negative_and_no_account_number_is_read(loaded, house):
    columns = (
        "tender_seq tender_type amount change_amount card_brand card_token auth_code is_refund"
    )
    assert rows(loaded, "pos_tender", columns) == [
        ("5", "cash", "20.0000", "13.5000", None, None, None, "false"),
        ("6", "card", "-1.0000", "0.0000", "Visa", None, "Z9", "true"),
    ]
    loaded.close()
    assert b"4111111111111111" not in house.raw_database.read_bytes()


def test_the_settlement_of_a_till_is_a_session(loaded):
    columns = "session_no close_ts expected_amount counted_amount float_amount z_total_net"
    assert rows(loaded, "register_session", columns + " z_txn_count") == [
        ("19", "2026-01-05 19:00:00", "106.5000", "106.0000", "100.0000", "4.9000", "1")
    ]


def test_a_second_load_finds_nothing_and_a_copy_is_a_duplicate_in_each_feed(loaded, deliver, load):
    assert load().loaded == []
    deliver("poslog/again.xml", content=DAY.encode())
    assert load().duplicates == ["poslog/again.xml"] * 5


def test_a_corrected_document_replaces_the_rows_of_each_feed(loaded, deliver, load):
    deliver("poslog/day.xml", content=DAY.replace(">20.00<", ">21.00<").encode())
    load()
    assert rows(loaded, "pos_tender", "amount")[0] == ("21.0000",)
    counts = loaded.execute("select count(*) from ledger.file where status = 'loaded'").fetchall()
    assert counts == [(5,)]


ENTITIES = '<!DOCTYPE POSLog [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (DAY[: DAY.index("<Total ")], "xml: no element found"),
        (DAY.replace("</Sale>", "</Sail>", 1), "xml: mismatched tag"),
        (DAY.replace("<POSLog", ENTITIES + "<POSLog", 1), "a document type is declared"),
        (DAY.replace("POSLog", "Log"), "the root is 'Log', not 'POSLog'"),
        ("<POSLog/>", "empty: the document holds no transaction"),
        (DAY.replace("<Amount>4.00", "<Amount>4,00").replace(">0.50<", ">0,50<"),
         "transaction 1: Amount holds '0,50', which is no number"),
        (DAY.replace("Discount>", "PaymentOnAccount>"),
         "transaction 1: line item 4 holds PaymentOnAccount: no feed takes it"),
        (DAY.replace("<WorkstationID>3<", "<WorkstationID>4</WorkstationID><WorkstationID>3<", 1),
         "WorkstationID stands there more than once and says 3 and 4"),
        (DAY.replace("<NoSale/>", "<a>" * 70 + "</a>" * 70), "deeper than 64"),
        (DAY.replace('encoding="UTF-8"', 'encoding="klingon"'), "xml: "),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_told_in_rows_is_refused_whole(
    deliver, load, raw, declare, content, words
):
    deliver("poslog/day.xml", content=content.encode())
    summary = load()
    assert words in summary.refused["poslog/day.xml"]
    assert summary.loaded == []


def test_a_transaction_that_is_too_long_is_refused(deliver, load, declare, monkeypatch):
    monkeypatch.setattr(poslog, "MAXIMUM_TRANSACTION_CHARACTERS", 1000)
    deliver("poslog/day.xml", content=DAY.encode())
    assert "too long to be one" in load().refused["poslog/day.xml"]


def test_a_row_that_the_contract_refuses_is_quarantined_alone(deliver, load, raw, declare):
    deliver("poslog/day.xml", content=DAY.replace("<Quantity>1<", "<Quantity>x<", 1).encode())
    load()
    (found,) = raw.execute("select feed, line_number, reasons from quarantine.row").fetchall()
    assert found[:2] == ("pos_line", 3)
    assert found[2].startswith("qty: 'x' is not")


def test_another_feed_than_those_of_poslog_cannot_be_declared(load, house):
    (house.mappings / "items.yml").write_text(
        "feed: item\nformat: poslog\nfiles: x\n", encoding="utf-8"
    )
    with pytest.raises(ValueError, match="POSLog fills pos_transaction"):
        load()
