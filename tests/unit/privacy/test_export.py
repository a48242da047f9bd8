"""What is held on a person: rows that name them, and parts of what is theirs, and nobody else's."""

import json
from datetime import date

import duckdb
import pytest
from small_house import ask

from pipelines.privacy import held
from pipelines.privacy.export import export_person
from pipelines.privacy.legal_hold import hold
from pipelines.privacy.person import Person


def insert(settings, table: str, columns: str, *rows: str) -> None:
    with duckdb.connect(str(settings.raw_database)) as connection:
        connection.execute(f"insert into {table} ({columns}) values {', '.join(rows)}")


def exported(settings, table: str, *columns: str, customer: str = "P1") -> list[tuple]:
    """Columns of the rows of a table that an export of the person holds."""
    directory = settings.home / "export"
    export_person(settings, customer, directory, accessed_by="office")
    path = directory / f"{table}.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return sorted(tuple(json.loads(line)[column] for column in columns) for line in lines)


HOLD_DAY = date(2099, 1, 1)

RECEIPT = "store_id, workstation_id, business_date, transaction_seq"


@pytest.fixture
def sold(loaded):
    """Receipts 7 of C1, 8 of C2 and 9, whose header names C1 and one of whose lines names C2."""
    insert(
        loaded, "feeds.pos_transaction", f"{RECEIPT}, customer_ref",
        *(f"('S1', '1', '2026-01-05', {n}, '{c}')" for n, c in ((7, "C1"), (8, "C2"), (9, "C1"))),
    )  # fmt: skip
    insert(
        loaded, "feeds.pos_line", f"{RECEIPT}, line_seq, customer_ref",
        "('S1', '1', '2026-01-05', 7, 1, null)", "('S1', '1', '2026-01-05', 8, 1, null)",
        "('S1', '1', '2026-01-05', 9, 1, 'C2')", "('S1', '1', '2026-01-05', 9, 2, null)",
        "('S1', '1', '2026-01-06', 7, 1, null)",
    )  # fmt: skip
    for part in ("discount", "tender"):
        insert(
            loaded, f"feeds.pos_{part}", RECEIPT,
            *(f"('S1', '1', '2026-01-05', {n})" for n in (7, 8, 9)),
        )  # fmt: skip
    return loaded


def test_lines_that_name_nobody_are_of_whom_the_header_names(sold):
    # The first and the third are of the house's own delivery.
    assert exported(sold, "feeds.pos_line", "transaction_seq", "line_seq") == [
        (1, 1), (7, 1), (9, 2),
    ]  # fmt: skip


@pytest.mark.parametrize("part", ["discount", "tender"])
def test_discounts_and_tenders_go_with_their_receipt(sold, part):
    assert exported(sold, f"feeds.pos_{part}", "transaction_seq") == [(7,), (9,)]


def test_steps_before_the_one_that_names_the_customer_are_theirs(loaded):
    steps = "changed_ts, customer_ref"
    insert(
        loaded, "feeds.crm_lead", f"lead_id, {steps}",
        "('L1', '2026-01-01', null)", "('L1', '2026-01-02', 'C1')", "('L1', '2026-01-03', 'C2')",
        "('L2', '2026-01-01', null)", "('L3', '2026-01-01', null)",
    )  # fmt: skip
    insert(
        loaded, "feeds.crm_opportunity", f"opportunity_id, lead_id, {steps}",
        "('O1', 'L1', '2026-01-04', null)", "('O2', null, '2026-01-01', null)",
        "('O2', 'L3', '2026-01-02', 'C1')", "('O4', null, '2026-01-01', null)",
    )  # fmt: skip
    assert exported(loaded, "feeds.crm_lead", "lead_id", "changed_ts") == [
        ("L1", "2026-01-01 00:00:00"), ("L1", "2026-01-02 00:00:00"),
        ("L3", "2026-01-01 00:00:00"),
    ]  # fmt: skip
    opportunities = loaded.home / "export" / "feeds.crm_opportunity.jsonl"
    found = [json.loads(line) for line in opportunities.read_text("utf-8").splitlines()]
    assert sorted((row["opportunity_id"], row["changed_ts"][:10]) for row in found) == [
        ("O1", "2026-01-04"), ("O2", "2026-01-01"), ("O2", "2026-01-02"),
    ]  # fmt: skip


def test_an_alert_to_the_persons_address_is_theirs_however_it_is_written(loaded):
    insert(
        loaded, "feeds.alert_subscription", "subscription_id, address",
        "('3', '+49 (0)170 1234567')", "('4', '0170-1234567')", "('5', '0170 7654321')",
    )  # fmt: skip
    assert exported(loaded, "feeds.alert_subscription", "subscription_id") == [
        ("1",), ("3",), ("4",),
    ]  # fmt: skip


def test_decisions_on_records_and_holds_are_told(loaded):
    insert(
        loaded, "identity.decision",
        "decision_id, kind, left_system, left_id, right_system, right_id, reason",
        "(1, 'merge', 'shop', 'C1', 'crm', 'C1', 'one hand')",
        "(2, 'split', 'crm', 'C1', null, null, 'two hands')",
        "(3, 'split', 'crm', 'C2', null, null, 'no hand')",
    )  # fmt: skip
    hold(loaded, "P1", reason="law suit 7", until=HOLD_DAY)
    hold(loaded, "C2", reason="law suit 8", until=HOLD_DAY)
    assert exported(loaded, "identity.decision", "reason") == [("one hand",), ("two hands",)]
    holds = loaded.home / "export" / "privacy.legal_hold.jsonl"
    assert [json.loads(line)["reason"] for line in holds.read_text("utf-8").splitlines()] == [
        "law suit 7"
    ]


def test_who_is_nobodys_customer_is_given_no_row_of_others(loaded):
    """A row that names nobody and is part of nothing is held on nobody."""
    assert exported(loaded, "feeds.pos_line", "customer_ref", customer="P2") == [("C2",)]
    assert ask(loaded, "select count(*) from feeds.pos_line where customer_ref is null") == [(1,)]


@pytest.fixture
def build():
    """A build in which P1 and P2 share the household H1, and P3 has its own."""
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema core; create schema marts;
            create table core.dim_customer as
                select unnest(['P1', 'P2', 'P3']) as customer_id,
                    unnest(['H1', 'H1', 'H3']) as household_id;
            create table core.bridge_household_member as select * from core.dim_customer;
            create table core.dim_household as select distinct household_id from core.dim_customer;
            create table marts.household_habit as
                select household_id, unnest(['Coffee', 'Tea']) as category_name
                from core.dim_household;
            create table core.fct_basket as
                select 'r' || customer_id as receipt_id, customer_id from core.dim_customer;
            create table core.fct_payments as select receipt_id, 1 as tender_number
                from core.fct_basket;
            create table core.dim_store as select 'S1' as store_id
            """
        )
        yield connection


def of_build(connection, customer_ids, references):
    person = Person(
        customer="C1", customer_ids=customer_ids, records=(), references=references, contacts=()
    )
    held.prepare(connection, person)
    return {
        table: connection.execute(
            f"select * from {table} where {condition} order by 1, 2"
        ).fetchall()
        for table, condition in held.of_build(connection).items()
        if table != "core.dim_household"
    }


def test_what_is_told_of_a_household_is_held_on_its_members(build):
    found = of_build(build, ("P1",), ("C1",))
    assert found == {
        "core.dim_customer": [("P1", "H1")],
        "core.bridge_household_member": [("P1", "H1")],
        "marts.household_habit": [("H1", "Coffee"), ("H1", "Tea")],
        "core.fct_basket": [("rP1", "P1")],
        "core.fct_payments": [("rP1", 1)],
    }
    condition = held.of_build(build)["core.dim_household"]
    assert build.execute(f"select * from core.dim_household where {condition}").fetchall() == [
        ("H1",)
    ]


def test_a_number_that_no_record_has_is_known_to_a_build_by_what_is_made_of_it(build):
    build.execute("insert into core.fct_basket select 'r9', 'P' || left(md5('CARD7'), 16)")
    found = of_build(build, (), ("CARD7",))
    assert [row[0] for row in found["core.fct_basket"]] == ["r9"]
