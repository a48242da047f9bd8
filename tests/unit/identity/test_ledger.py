"""Customer ids that last, and a ledger that remembers."""

import hashlib
import itertools

import pytest

ANNA = {"given_name": "Anna", "family_name": "Muster", "email": "anna@example.org"}
BORN = {"birth_date": "1980-05-06"}


def minted(text):
    return "P" + hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:16]


def test_a_customer_id_is_minted_from_the_number_and_never_is_one(registry):
    registry.customer("crm:1", **ANNA)
    registry.resolve()
    assert registry.customer_id("crm:1") == minted("1")


def test_of_systems_that_claim_one_number_the_first_by_priority_has_it(registry):
    for name in ("zeta:1", "webshop:1", "crm:1"):
        registry.customer(name)
    registry.resolve()
    assert registry.customer_id("crm:1") == minted("1")
    assert registry.customer_id("webshop:1") == minted("webshop|1")
    assert registry.customer_id("zeta:1") == minted("zeta|1")


def test_the_elder_record_gives_the_id_of_a_merged_customer(registry):
    registry.customer("crm:1", **ANNA, created_ts="2024-03-01")
    registry.customer("webshop:2", **ANNA, created_ts="2024-02-01")
    registry.resolve()
    assert registry.customer_id("crm:1") == registry.customer_id("webshop:2") == minted("2")


def test_what_did_not_change_is_not_written(registry):
    registry.customer("crm:1", **ANNA)
    registry.customer("webshop:2", **ANNA)
    first = registry.resolve()
    assert (first.opened_count, first.closed_count) == (2, 0)
    before = registry.rows("from identity.xref_customer_identity order by all")
    again = registry.resolve()
    assert (again.opened_count, again.closed_count) == (0, 0)
    assert registry.rows("from identity.xref_customer_identity order by all") == before


def test_a_resolution_is_skipped_when_neither_files_nor_decisions_changed(registry, monkeypatch):
    registry.customer("crm:1", **ANNA)
    registry.resolve()
    registry.receipt("1", "L1")
    assert registry.resolve(loaded="pos_transaction").opened_count == 1
    registry.receipt("1", "L1", "2024-03-01")
    assert registry.resolve(loaded="pos_transaction") is None, "it names no new pair"
    monkeypatch.setattr("pipelines.identity.resolve.write_evidence", lambda _: 1 / 0)
    assert registry.resolve(loaded=None) is None, "no receipt is read where no file came"
    with pytest.raises(ZeroDivisionError):
        registry.resolve(loaded="pos_transaction")


def test_a_merge_closes_one_link_and_opens_another_at_one_moment(registry):
    registry.customer("crm:1", **ANNA, created_ts="2024-01-01")
    registry.customer("webshop:2", given_name="Anna", created_ts="2024-01-02")
    registry.resolve()
    registry.customer("webshop:2", **ANNA, created_ts="2024-01-02", extract_ts="2024-02-01")
    registry.resolve()
    rows = registry.rows(
        "select customer_id, linked_at, unlinked_at from identity.xref_customer_identity "
        "where source_id = '2' order by linked_at"
    )
    (old_id, _, closed_at), (new_id, opened_at, still_open) = rows
    assert (old_id, new_id) == (minted("2"), minted("1"))
    assert closed_at == opened_at == registry.moment
    assert still_open is None
    assert registry.rows(
        "select count(*) from identity.xref_customer_identity where source_id = '1'"
    ) == [(1,)], "the link that stands is not written again"


def test_new_records_move_nobody_else(registry):
    for number in range(30):
        registry.customer(
            f"crm:{number}",
            given_name=f"Name{number % 7}",
            family_name=f"Family{number % 5}",
            birth_date=f"1980-01-{1 + number % 28:02}",
            email=f"{number // 2}@example.org",
        )
    registry.resolve()
    before = registry.rows("from identity.xref_customer_identity order by all")
    registry.customer("crm:new", **ANNA)
    registry.customer("webshop:new2", **ANNA)
    change = registry.resolve()
    assert (change.opened_count, change.closed_count) == (2, 0)
    assert set(before) < set(registry.rows("from identity.xref_customer_identity order by all"))


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_any_order_of_deliveries_ends_in_the_same_open_links(registry, order):
    deliveries = [
        lambda: registry.customer(
            "crm:1", **ANNA, birth_date="1980-05-06", created_ts="2024-03-01"
        ),
        lambda: registry.customer("webshop:1", **ANNA, created_ts="2024-02-01"),
        lambda: registry.receipt("1", "L1", "2023-12-24"),
        lambda: registry.customer("loyalty:L1", given_name="Anna", **BORN, phone="+999 1234567"),
    ]
    for number in order:
        deliveries[number]()
        registry.resolve()
    assert registry.rows(
        "select source_system, source_id, customer_id, rule, confidence, score, decided_by "
        "from identity.xref_customer_identity where unlinked_at is null order by all"
    ) == [
        ("crm", "1", minted("L1"), "receipts name card and customer", "exact", None, "rules"),
        ("loyalty", "L1", minted("L1"), "own number", "exact", None, "rules"),
        ("webshop", "1", minted("L1"), "same mail and name", "exact", None, "rules"),
    ]


def test_without_records_the_ledger_is_empty_and_nothing_fails(registry):
    assert registry.resolve().record_count == 0
    assert registry.rows("select count(*) from identity.xref_customer_identity") == [(0,)]


def test_splink_is_not_imported_where_the_rules_leave_no_question(registry, monkeypatch):
    monkeypatch.setattr("pipelines.identity.resolve.write_model_edges", lambda *_: 1 / 0)
    registry.customer("crm:1", **ANNA)
    registry.customer("webshop:2", **ANNA)
    assert registry.resolve().compared_count == 0
    registry.customer("webshop:3", given_name="Ana", family_name="Muster", email="anna@example.org")
    with pytest.raises(ZeroDivisionError):
        registry.resolve()
    assert registry.rows("select count(*) from identity.xref_customer_identity") == [(2,)]
