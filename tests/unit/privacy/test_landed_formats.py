"""Landed files that are no plain text are written anew too, and nothing else in them changes."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import duckdb
import pytest
import python_calamine
from small_workbook import SHEET, cell, write_workbook

from pipelines.feeds.loader import load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.privacy.erase import ErasureUnfinished, erase
from pipelines.privacy.export import export_person
from pipelines.privacy.gone import Gone
from pipelines.privacy.landed import FilesUnreadable, rewritten_files
from pipelines.privacy.tombstones import keep_out

DAY = (Path(__file__).parents[2] / "fixtures" / "poslog_day.xml").read_text(encoding="utf-8")

MAPPINGS = {
    "customers": """\
feed: crm_customer
files: customers_{extract_ts}.xlsx
format: xlsx
columns: {system: source_system, id: source_customer_id, name: family_name, mail: email,
  phone: phone, since: birth_date, note: null}
""",
    "touches": """\
feed: campaign_touch
files: touches_{event_date}.parquet
format: parquet
columns: {campaign: campaign_id, customer: customer_ref, event: event, note: null}
""",
    "alerts": """\
feed: alert_subscription
files: alerts_{extract_date}.zip
format: jsonl
columns: {number: subscription_id, type: alert_type, to/address: address}
""",
    **{
        f"poslog_{feed}": f"feed: {feed}\nformat: poslog\nfiles: day*.xml.gz\n"
        "reporting_currency: EUR\n"
        for feed in ("pos_transaction", "pos_line", "pos_tender")
    },
}

ALERTS = (
    '{"number": "1", "type": "stockout", "to": {"address": "KIM@example.org"}}\n'
    '{"number": "2", "type": "stockout", "to": {"address": "other@example.org"}}\n'
)


def zipped(text: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("alerts.jsonl", (2026, 1, 1, 6, 0, 0)), text)
    return held.getvalue()


RECEIPTS = DAY.replace(
    "<Customer><CustomerID>C1</CustomerID></Customer>",
    "<Customer><CustomerID> C1 </CustomerID><Name>Kim Müller</Name></Customer>"
    "<LoyaltyAccount><LoyaltyAccountID>L1</LoyaltyAccountID></LoyaltyAccount>",
).replace(
    "<PrimaryAccountNumber>4111111111111111</PrimaryAccountNumber>",
    "<AccountNumberToken>tok1</AccountNumberToken>",
)


@pytest.fixture
def delivered(house, deliver):
    """A house to which everything came in another format than plain text."""
    for name, text in MAPPINGS.items():
        (house.mappings / f"{name}.yml").write_text(text, encoding="utf-8")
    write_workbook(house.landing / "customers_2026-01-01.xlsx")
    deliver("day_2026-01-05.xml.gz", content=gzip.compress(RECEIPTS.encode()))
    deliver("alerts_2026-01-01.zip", content=zipped(ALERTS))
    with duckdb.connect() as connection:
        connection.execute(
            "copy (from (values ('K1', 'C1', 'sent', 'kim@example.org', 1), "
            "('K1', 'C2', 'sent', 'x', 2)) as t (campaign, customer, event, note, rank)) "
            f"to '{house.landing / 'touches_2026-01-05.parquet'}' (format parquet)"
        )
    return house


def load(settings):
    with duckdb.connect(str(settings.raw_database)) as connection:
        summary = load_landed_files(
            connection,
            landing=settings.landing,
            mappings=load_mappings(settings.mappings),
            work=settings.work,
        )
        assert summary.refused == {}
        return {
            feed: connection.execute(
                f"select * exclude (_file_id, _loaded_at) from feeds.{feed} order by all"
            ).fetchall()
            for feed in ("crm_customer", "campaign_touch", "alert_subscription", "pos_transaction",
                         "pos_line", "pos_tender")
        }  # fmt: skip


def link(settings):
    with duckdb.connect(str(settings.raw_database)) as connection:
        connection.execute(
            "insert into identity.xref_customer_identity (source_system, source_id, customer_id) "
            "values ('crm', 'C1', 'P1'), ('loyalty', 'L1', 'P1'), ('crm', 'C2', 'P2')"
        )


def run(settings):
    erase(settings, "P1", reason="test", rebuild=lambda: None)


def parts_of(path):
    with zipfile.ZipFile(path) as archive:
        return {item.filename: (archive.read(item), item.date_time) for item in archive.infolist()}


def test_every_format_is_written_anew_and_a_house_built_from_the_files_is_the_same_one(delivered):
    landing = delivered.landing
    before = load(delivered)
    assert "tok1" in str(before["pos_tender"])
    link(delivered)
    old_book = parts_of(landing / "customers_2026-01-01.xlsx")
    run(delivered)

    with duckdb.connect() as connection:
        touches = connection.execute(f"from '{landing / 'touches_2026-01-05.parquet'}'").fetchall()
    assert [(*row[:1], row[1][:7], *row[2:]) for row in touches] == [
        ("K1", "erased-", "sent", None, 1), ("K1", "C2", "sent", "x", 2),
    ]  # fmt: skip

    alerts = parts_of(landing / "alerts_2026-01-01.zip")
    ((content, written_at),) = alerts.values()
    assert written_at == (2026, 1, 1, 6, 0, 0)
    first, second = content.decode().splitlines()
    assert json.loads(first) == {"number": "1", "type": "stockout", "to": {"address": None}}
    assert second == ALERTS.splitlines()[1]

    receipts = gzip.decompress((landing / "day_2026-01-05.xml.gz").read_bytes()).decode()
    assert receipts == RECEIPTS.replace(
        "<CustomerID> C1 </CustomerID><Name>Kim Müller</Name>", "<CustomerID>erased</CustomerID>"
    ).replace(">L1<", ">erased<").replace(">tok1<", ">erased<")

    book = python_calamine.CalamineWorkbook.from_path(landing / "customers_2026-01-01.xlsx")
    customers = book.get_sheet_by_name("Customers").to_python()
    assert [row[1][:7] for row in customers] == ["id", "erased-", "C2"]
    assert (customers[1][0], customers[1][2:]) == ("crm", [""] * 5)
    assert customers[2][:4] == ["crm", "C2", "Other", "other@example.org"]
    assert book.get_sheet_by_name("Notes").to_python() == [["C1", "", 7.5]]
    new_book = parts_of(landing / "customers_2026-01-01.xlsx")
    changed = {name for name in old_book if new_book[name] != old_book[name]}
    assert changed == {
        "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml",
    }  # fmt: skip
    texts = new_book["xl/sharedStrings.xml"][0].decode()
    assert [t for t in ("ller", "Kim", "0170", "often") if t in texts] == []
    assert b' odd:kept="yes"' in new_book["xl/worksheets/sheet2.xml"][0]

    with duckdb.connect(str(delivered.raw_database)) as connection:
        tokens = connection.execute("select distinct card_token from feeds.pos_tender").fetchall()
        after = {
            feed: connection.execute(
                f"select * exclude (_file_id, _loaded_at) from feeds.{feed} order by all"
            ).fetchall()
            for feed in before
        }
    assert set(tokens) == {(None,), ("erased",)}
    delivered.raw_database.unlink()
    assert load(delivered) == after


def test_a_card_of_two_customers_stays(delivered, deliver):
    """It names neither of them alone."""
    other = RECEIPTS.replace("C1", "C2").replace(">17<", ">27<").replace(">L1<", "><")
    deliver("day_2026-01-05b.xml.gz", content=gzip.compress(other.encode()))
    load(delivered)
    link(delivered)
    run(delivered)
    with duckdb.connect(str(delivered.raw_database)) as connection:
        tokens = connection.execute(
            "select count(*) from feeds.pos_tender where card_token = 'tok1'"
        )
        assert tokens.fetchall() == [(2,)]


def test_the_card_is_exported_and_stays_away_when_its_receipts_are_delivered_again(
    delivered, deliver, tmp_path
):
    load(delivered)
    link(delivered)
    exported = export_person(delivered, "P1", tmp_path / "out", accessed_by="office")
    assert exported["feeds.pos_tender"] == 2
    tenders = (tmp_path / "out" / "feeds.pos_tender.jsonl").read_text(encoding="utf-8")
    assert tenders.count('"card_token":"tok1"') == 1
    run(delivered)
    deliver("day_2026-01-05b.xml.gz", content=gzip.compress(RECEIPTS.encode()))
    with duckdb.connect(str(delivered.raw_database)) as connection:
        load_landed_files(
            connection,
            landing=delivered.landing,
            mappings=load_mappings(delivered.mappings),
            work=delivered.work,
        )
        before = connection.execute("select count(*) from feeds.pos_tender").fetchall()
        keep_out(connection, delivered)
        tokens = connection.execute("select distinct card_token from feeds.pos_tender").fetchall()
        assert connection.execute("select count(*) from feeds.pos_tender").fetchall() == before
    assert set(tokens) == {(None,), ("erased",)}


GONE = Gone(
    records={("crm", "C1"): "erased-1"},
    references={"C1": "erased-2"},
    contacts=frozenset({"kim@example.org"}),
)


def write_anew(settings) -> None:
    for file in rewritten_files(settings.landing, load_mappings(settings.mappings), GONE):
        file.take_place()


def unreadable(settings) -> dict[str, str]:
    with pytest.raises(FilesUnreadable) as caught:
        write_anew(settings)
    assert [path.name for path in settings.landing.iterdir() if path.name.startswith(".")] == []
    return caught.value.reasons


def test_a_number_is_known_in_every_way_of_writing_that_the_mapping_makes_alike(house, deliver):
    """The loader reads full-width digits and characters of no width as the plain number."""
    mapping = house.mappings / "sales.yml"
    mapping.write_text(
        mapping.read_text(encoding="utf-8")
        + "normalise: {customer_ref: [invisible, nfkc, upper]}\n",
        encoding="utf-8",
    )
    path = deliver("sales_2026-01-05.csv", "S1,1,1,1,A,1,2.50,ｃ\u200b１", "S1,1,2,1,A,1,1.00,C12")
    write_anew(house)
    assert path.read_text(encoding="utf-8").splitlines()[1:] == [
        "S1,1,1,1,A,1,2.50,erased", "S1,1,2,1,A,1,1.00,C12",
    ]  # fmt: skip


def locked(content: bytes) -> bytes:
    """An archive whose entries say that a password is needed."""
    marked = bytearray(content)
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        marked[marked.index(magic) + place] |= 1
    return bytes(marked)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("alerts_2026-01-01.zip", zipped(ALERTS)[:-30], "not a zip file"),
        ("alerts_2026-01-01.zip", locked(zipped(ALERTS)), "encrypted"),
        ("day_2026-01-05.xml.gz", gzip.compress(RECEIPTS.encode())[:-20], "ended before"),
        ("day_2026-01-05.xml.gz", gzip.compress(RECEIPTS[:-20].encode()), "xml"),
        ("touches_2026-01-05.parquet", b"PAR1 and then no more", "touches"),
        ("customers_2026-01-01.xlsx", b"\xd0\xcf\x11\xe0 a locked workbook", "damaged"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_others_are_written_anew(
    delivered, deliver, name, content, reason
):
    deliver(name, content=content)
    reasons = unreadable(delivered)
    assert set(reasons) == {name}
    assert reason in reasons[name]
    assert (delivered.landing / name).read_bytes() == content


def test_a_formula_that_makes_a_persons_number_is_named(delivered):
    formula = '<x:c r="B2" t="str"><x:f>"C"&amp;1</x:f><x:v>C1</x:v></x:c>'
    sheet = SHEET.replace(cell("B2", "C1"), formula)
    assert sheet != SHEET
    write_workbook(delivered.landing / "customers_2026-01-01.xlsx", sheet)
    assert "the formula in B2" in unreadable(delivered)["customers_2026-01-01.xlsx"]


def test_an_erasure_waits_for_a_file_that_cannot_be_read(delivered, deliver):
    load(delivered)
    link(delivered)
    path = delivered.landing / "alerts_2026-01-01.zip"
    path.write_bytes(locked(path.read_bytes()))
    with pytest.raises(
        ErasureUnfinished, match=r"landing/alerts_2026-01-01.zip: cannot be read \(.*encrypted"
    ):
        run(delivered)
    # Sent again, but still with the person: the next run writes that one anew.
    deliver(path.name, content=zipped(ALERTS))
    run(delivered)
    assert b"KIM" not in parts_of(path)["alerts.jsonl"][0]


@pytest.mark.parametrize("suffix", ["parquet", "zip"])
def test_an_address_within_a_packed_text_is_found(delivered, suffix):
    """In a file that no mapping claims, or in a field that says more: nobody rewrites that."""
    load(delivered)
    link(delivered)
    path = delivered.landing / f"stranger.{suffix}"
    if suffix == "zip":
        path.write_bytes(zipped("ask Kim@Example.org"))
    else:
        with duckdb.connect() as connection:
            connection.execute(f"copy (select 'ask Kim@Example.org' as t) to '{path}'")
    with pytest.raises(ErasureUnfinished, match=f"landing/stranger.{suffix}: a mail address"):
        run(delivered)
