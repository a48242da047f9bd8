"""Erasure without a warehouse: rows, quarantine, landed files, and what is delivered later."""

import hashlib
import json

import duckdb
import pytest
from small_house import ALERTS, CUSTOMERS, DAY, ROWS, SALES, ask, counted, load, run, state

from pipelines.feeds.mapping import load_mappings
from pipelines.identity.records import write_records
from pipelines.privacy import erase as erasing
from pipelines.privacy.erase import ErasureUnfinished, erase
from pipelines.privacy.gone import Gone
from pipelines.privacy.key import PrivacyKeyMissing
from pipelines.privacy.landed import rewritten_files
from pipelines.privacy.person import UnknownCustomer
from pipelines.status import read_state


def test_what_was_sold_stays_and_nobody_is_named(loaded):
    before = ask(loaded, "select sum(extended_amount), count(*) from feeds.pos_line")
    with duckdb.connect(str(loaded.raw_database)) as connection:
        connection.execute(
            "insert into identity.household (customer_id, household_id) "
            "values ('P1', 'H1'), ('P2', 'H1'), ('P3', 'H3')"
        )
    run(loaded)
    assert ask(loaded, "select customer_id from identity.household") == [("P3",)], (
        "of P1 the eldest"
    )
    assert ask(loaded, "select sum(extended_amount), count(*) from feeds.pos_line") == before
    assert counted(loaded, "pos_line", "transaction_seq, customer_ref") == [
        (1, "erased"), (2, "C2"), (4, None),
    ]  # fmt: skip
    records = counted(
        loaded,
        "crm_customer",
        "source_system, source_customer_id[:7], family_name, email, created_ts, parent_account_id",
    )
    assert [row[:4] for row in records] == [
        ("crm", "C2", "Other", "other@example.org"),
        ("crm", "erased-", None, None),
        ("shop", "C1", "Shopper", "shop@example.org"),
    ]
    assert records[1][4] is None
    assert records[0][5] is None, "the account that the other one belonged to is gone"
    assert ask(loaded, "select raw_text, reasons from quarantine.row") == [
        (None, "qty: '...' is not a decimal(18,3) with decimal '...'")
    ]
    assert counted(loaded, "alert_subscription", "subscription_id, address") == [
        ("1", None), ("2", "other@example.org"),
    ]  # fmt: skip
    touches = counted(loaded, "campaign_touch", "customer_ref")
    assert [row[0][:7] for row in touches] == ["C2", "erased-"]
    assert ask(loaded, "select customer_id from identity.xref_customer_identity order by 1") == [
        ("P2",), ("P3",),
    ]  # fmt: skip


def test_landed_files_keep_every_other_byte(loaded):
    landing = loaded.landing
    times = {path: path.stat().st_mtime_ns for path in landing.iterdir()}
    run(loaded)
    assert {path: path.stat().st_mtime_ns for path in landing.iterdir()} == times
    customers = (landing / "customers_2026-01-01.csv").read_bytes().decode("cp1252")
    lines, before = customers.split("\n"), CUSTOMERS.split("\n")
    assert lines[1].startswith("crm;erased-")
    assert lines[1].endswith(";;;;;;;")
    assert lines[2] == before[2].replace(";C1;", ";;")
    assert (lines[0], lines[3:]) == (before[0], before[3:])
    sales = (landing / f"sales_{DAY}.csv").read_text().splitlines()
    assert sales[1:] == [
        "S1,1,1,1,A,1,2.50,erased", SALES[1], "S1,1,3,1,A,oops,9.00,erased", SALES[3],
    ]  # fmt: skip
    alerts = (landing / "alerts_2026-01-01.jsonl").read_text().splitlines()
    assert alerts == ['{"number": "1", "type": "stockout", "to": null}', ALERTS.splitlines()[1]]


def test_a_house_built_anew_from_the_landed_files_is_the_same_one(loaded):
    """Their manifests say what they hold now, and make no new deliveries of them."""
    said = [
        {
            "file": path.name,
            "feed": feed,
            "row_count": count,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for feed, count, path in (
            ("pos_line", 4, loaded.landing / f"sales_{DAY}.csv"),
            ("crm_customer", 3, loaded.landing / "customers_2026-01-01.csv"),
        )
    ]
    (loaded.landing / "manifest.json").write_text(json.dumps({"files": said}))
    load(loaded)
    run(loaded)
    after, files = state(loaded), ask(loaded, "select count(*) from ledger.file")
    load(loaded)
    assert ask(loaded, "select count(*) from ledger.file") == files
    loaded.raw_database.unlink()
    load(loaded)
    assert state(loaded) == after


def test_no_byte_of_the_person_stays_in_the_file_of_the_rows(loaded):
    assert b"Kim@example.org" in loaded.raw_database.read_bytes()
    run(loaded)
    content = loaded.raw_database.read_bytes()
    texts = (b"Kim@example.org", b"0170 1234567", b"ller")
    assert [text for text in texts if text in content] == []


def test_a_later_delivery_does_not_bring_the_person_back(loaded, deliver):
    before = ask(loaded, "select sum(extended_amount) from feeds.pos_line")
    run(loaded)
    after = state(loaded)
    # The same lines again, in a file of another name: they repeat what is there.
    deliver(f"sales_{DAY}_again.csv", *SALES)
    deliver("customers_2026-01-02.csv", content=CUSTOMERS.encode("cp1252"))
    load(loaded)
    assert counted(loaded, "pos_line", ROWS["pos_line"]) == after["pos_line"]
    assert before == [(sum_of(counted(loaded, "pos_line", "extended_amount")),)]
    assert ask(loaded, "select count(*) from feeds.crm_customer where family_name = 'Müller'") == [
        (0,)
    ]
    assert ask(loaded, "select count(*) from feeds.pos_line where customer_ref = 'C1'") == [(0,)]
    assert ask(loaded, "select raw_text from quarantine.row") == [(None,), (None,)]
    again = (loaded.landing / "customers_2026-01-02.csv").read_text(encoding="cp1252")
    assert again == (loaded.landing / "customers_2026-01-01.csv").read_text(encoding="cp1252")
    assert "C1" not in (loaded.landing / f"sales_{DAY}_again.csv").read_text(encoding="utf-8")
    files = ask(loaded, "select count(*) from ledger.file")
    load(loaded)
    assert ask(loaded, "select count(*) from ledger.file") == files


def sum_of(rows):
    return sum(row[0] for row in rows)


def test_the_person_under_another_number_is_known_by_the_address_until_they_sign_up_anew(
    loaded, deliver
):
    run(loaded)
    rows = CUSTOMERS.split("\n")[:1] + [
        "web;W1;Müller;kim@EXAMPLE.org;;;2025-06-01T00:00:00;;",
        "web;W2;Müller;;+49 170 1234567;;;;",
        "web;W3;Müller;kim@example.org;;;2099-01-01T00:00:00;;",
        "",
    ]
    deliver("customers_2026-01-03.csv", content="\n".join(rows).encode("cp1252"))
    load(loaded)
    kept = ask(
        loaded, "select source_customer_id from feeds.crm_customer where source_system = 'web'"
    )
    assert sorted(number[:7] for (number,) in kept) == ["W3", "erased-", "erased-"]


def test_a_number_of_two_people_finds_the_erasure_that_waits_when_the_other_one_is_gone(
    loaded, monkeypatch
):
    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "_verify", stop)
        with pytest.raises(KeyboardInterrupt):
            run(loaded, "P3")
    run(loaded, "C1")
    assert read_state(loaded).unfinished_erasures == ("E000001",), "C1 of crm was meant"
    run(loaded, "C1")
    assert read_state(loaded).unfinished_erasures == ()


def test_a_warehouse_that_cannot_be_built_leaves_the_erasure_unfinished(loaded):
    with pytest.raises(ErasureUnfinished, match="could not be built without the person: the gate"):
        erase(loaded, "P1", reason="test", rebuild=lambda: "the gate failed")
    steps = []
    run(loaded, on_step=steps.append)
    assert steps == ["warehouse", "builds to remove", "published builds", "verification"]


def test_without_a_key_nobody_is_erased(loaded):
    with pytest.raises(PrivacyKeyMissing):
        run(loaded.model_copy(update={"privacy_key": None}))


@pytest.mark.parametrize("customer", ["C1", "P9", ""])
def test_a_number_of_several_people_or_of_nobody_is_refused(loaded, customer):
    with pytest.raises(UnknownCustomer):
        run(loaded, customer)


def test_a_reference_that_no_record_has_is_a_person_too(loaded, deliver):
    """Under its own number, or under the one that the warehouse makes of it."""
    deliver("sales_2026-01-06.csv", "S1,1,1,1,A,1,2.50,CARD7", "S1,1,2,1,A,1,2.50,CARD8")
    load(loaded)
    run(loaded, "CARD7")
    ((minted,),) = ask(loaded, "select 'P' || substr(md5('CARD8'), 1, 16)")
    run(loaded, minted)
    assert counted(loaded, "pos_line", "customer_ref")[-2:] == [("erased",), (None,)]
    assert ask(loaded, "select count(*) from feeds.pos_line where customer_ref like 'CARD%'") == [
        (0,)
    ]


def test_records_that_cannot_be_parsed_name_nobody_afterwards(delivered, deliver):
    """A quote out of place, a field too many, a line that is no JSON: they stand in quarantine."""
    day = "2026-01-07"
    deliver(
        f"sales_{day}.csv", "S1,1,1,1,A,1,2.50,C1,more", 'S1,1,2,1,5" pipe,1,1.00,C2',
        *(f"S1,1,{number},1,A,1,1.00,C2" for number in range(3, 30)), "S1,1,30,1,A,1,1.00,C1",
    )  # fmt: skip
    path = deliver("alerts_2026-01-07.jsonl", content=b'["Kim@example.org"]\n{"to": oops, C1}\n')
    gone = Gone(
        records={("crm", "C1"): "erased-1"},
        references={"C1": "erased-2"},
        contacts=frozenset({"kim@example.org"}),
    )
    for file in rewritten_files(delivered.landing, load_mappings(delivered.mappings), gone):
        file.take_place()
    sales = (delivered.landing / f"sales_{day}.csv").read_text().splitlines()
    assert sales[1:3] == ["S1,1,1,1,A,1,2.50,erased,more", 'S1,1,2,1,5" pipe,1,1.00,C2']
    assert sales[-1] == "S1,1,30,1,A,1,1.00,erased"
    assert path.read_bytes() == b'["erased"]\n{"to": oops, erased}\n'


LEFT_IN_RAW = {
    "feeds.pos_line: customer_ref": "update feeds.pos_line set customer_ref = 'C1'",
    "feeds.crm_consent: a record": "insert into feeds.crm_consent (source_system, "
    "source_customer_id) values ('crm', 'C1')",
    "quarantine.row: a mail": "update quarantine.row set raw_text = 'x;KIM@example.org;y'",
    "identity.xref_customer_identity: a record": "insert into identity.xref_customer_identity "
    "(source_system, source_id) values ('crm', 'C1')",
    "identity.household: household_id": "insert into identity.household (household_id) "
    "values ('H1')",
    "identity.decision: a decision": "insert into identity.decision (right_system, right_id) "
    "values ('crm', 'C1')",
    "retention.held_row: customers": "insert into retention.held_row (customers) values (['C1'])",
    "feeds.store: a mail": "insert into feeds.store (store_name) values ('0170 1234567')",
}
LEFT_IN_WAREHOUSE = {
    "core.fct_sales: customer_ref": "create table core.fct_sales as select 'C1' as customer_ref",
    "core.household_habit: household_id": "create table core.household_habit as "
    "select unnest(['H1', 'H2']) as household_id",
    "core.fct_case: a mail": "create table core.fct_case as select 'of kim@example.org' as note",
}
LEFT_IN_FILES = {
    "quality/notes.txt": "ask Kim@example.org",
    "quality/notes.json": '{"note": "called:\\nkim@example.org"}',
}
OF_OTHERS = {
    "raw.duckdb": "insert into feeds.supplier (supplier_name) values ('joakim@example.org'), "
    "('10170 1234567'); insert into identity.household (household_id, customer_id) "
    "values ('H2', 'P2')",
    "warehouse.duckdb": "create table core.rfm as select 'P2' as customer_id, 'H2' as household_id",
}


def test_every_trace_that_is_left_is_found_and_nobody_elses(loaded, monkeypatch):
    whole = erasing._verify

    def verify(*arguments):
        with duckdb.connect(str(loaded.raw_database)) as connection:
            connection.execute("; ".join([*LEFT_IN_RAW.values(), OF_OTHERS["raw.duckdb"]]))
        with duckdb.connect(str(loaded.warehouse_database)) as connection:
            connection.execute("create schema core")
            connection.execute(
                "; ".join([*LEFT_IN_WAREHOUSE.values(), OF_OTHERS["warehouse.duckdb"]])
            )
        for name, text in LEFT_IN_FILES.items():
            (loaded.home / name).write_text(text, encoding="utf-8")
        (loaded.quality / "others.txt").write_text("jo.kim@example.org, joakim@example.org")
        whole(*arguments)

    monkeypatch.setattr(erasing, "_verify", verify)
    with pytest.raises(ErasureUnfinished) as unfinished:
        run(loaded)
    places = sorted(line.removeprefix("- ") for line in str(unfinished.value).split("\n")[1:])
    expected = [
        *(f"raw.duckdb: {place}" for place in LEFT_IN_RAW),
        *(f"warehouse.duckdb: {place}" for place in LEFT_IN_WAREHOUSE),
        *LEFT_IN_FILES,
    ]
    assert len(places) == len(expected), places
    for place, start in zip(places, sorted(expected), strict=True):
        assert place.startswith(start)
        assert ".duckdb" not in place or place.endswith((" in 1 row(s)", " in 3 row(s)"))


def test_a_lead_is_a_document_and_stays_when_its_customer_goes(loaded):
    """Though the customer had the number of the lead, which was known before."""
    with duckdb.connect(str(loaded.raw_database)) as connection:
        connection.execute("delete from identity.xref_customer_identity where source_id = 'C1'")
        connection.execute(
            "insert into identity.xref_customer_identity (source_system, source_id, customer_id) "
            "select unnest(['crm', 'lead']), unnest(['C1', 'LD7']), 'P' || left(md5('LD7'), 16)"
        )
        connection.execute(
            "insert into feeds.crm_lead (lead_id, customer_ref, changed_date, _file_id) "
            "values ('LD7', 'C1', date '2026-01-01', 1)"
        )
        ((customer,),) = connection.execute("select 'P' || left(md5('LD7'), 16)").fetchall()
    run(loaded, customer)
    assert ask(loaded, "select lead_id, customer_ref from feeds.crm_lead") == [("LD7", "erased")]
    assert ask(loaded, "select source_id from identity.xref_customer_identity order by 1") == [
        ("C2",), ("LD7",),
    ]  # fmt: skip


def test_the_erased_are_no_evidence_of_who_is_who(loaded):
    """One word stands for all of them: two people with an erased card have nothing in common."""
    run(loaded)
    with duckdb.connect(str(loaded.raw_database)) as connection:
        for number, (customer, card) in enumerate(
            [("C2", "erased"), ("C3", "erased"), ("erased", "L5"), ("C4", "L4")]
        ):
            connection.execute(
                "insert into feeds.pos_transaction (transaction_seq, business_date, customer_ref, "
                "loyalty_id) values (?, date '2026-01-05', ?, ?)",
                [number, customer, card],
            )
        connection.execute(
            "insert into feeds.loyalty_event (event_id, event_date, loyalty_id) "
            "values ('1', date '2026-01-05', 'erased'), ('2', date '2026-01-05', 'L4')"
        )
        write_records(connection, loaded.dbt_project / "seeds" / "source_priority.csv")
        pairs = connection.execute("select customer_ref, loyalty_id from receipt_pair").fetchall()
        records = connection.execute("select source_id from source_record order by 1").fetchall()
    assert pairs == [("C4", "L4")]
    assert [number for (number,) in records] == ["C1", "C2", "C4", "L4"]
