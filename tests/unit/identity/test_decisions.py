"""What somebody decides by hand, and how it is told."""

from datetime import datetime

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.identity.decisions import (
    Decision,
    DecisionRefused,
    decide_merge,
    decide_split,
    find_record,
)
from pipelines.identity.explain import UnknownIdentity, explain

DECISION = Decision(decided_by="kim", reason="looked at both", decided_at=datetime(2026, 1, 1, 9))
ANNA = {"given_name": "Anna", "family_name": "Muster", "email": "anna@example.org"}


@pytest.fixture
def two(registry):
    """Two records that no rule links."""
    registry.customer("crm:1", **ANNA, created_ts="2024-01-01")
    registry.customer("webshop:2", given_name="Anja", created_ts="2024-02-01")
    registry.resolve()
    assert registry.clusters() == set()
    return registry


def merge(registry, left, right):
    records = find_record(registry.connection, left), find_record(registry.connection, right)
    decide_merge(registry.connection, *records, DECISION)
    registry.resolve()


def split(registry, name):
    decide_split(registry.connection, find_record(registry.connection, name), DECISION)
    registry.resolve()


def test_a_merge_takes_effect_in_the_next_resolution(two):
    merge(two, two.customer_id("crm:1"), "webshop:2")
    assert two.clusters() == {frozenset({"crm:1", "webshop:2"})}
    assert two.rows(
        "select rule, confidence, decided_by from identity.xref_customer_identity "
        "where source_id = '2' and unlinked_at is null"
    ) == [("manual merge", "exact", "kim")]


def test_a_later_split_undoes_a_merge_and_a_later_merge_the_split(two):
    before = two.customer_id("webshop:2")
    merge(two, "crm:1", "webshop:2")
    split(two, "webshop:2")
    assert two.clusters() == set()
    assert two.customer_id("webshop:2") == before
    assert two.reasons()["webshop:2"] == ("manual split", "exact")
    merge(two, "crm:1", "webshop:2")
    assert two.clusters() == {frozenset({"crm:1", "webshop:2"})}
    assert two.rows(
        "select count(*) from identity.xref_customer_identity where source_id = '2'"
    ) == [(4,)], "nothing is forgotten"


def test_a_split_holds_against_every_rule_and_score(registry):
    registry.customer("crm:1", **ANNA)
    registry.customer("webshop:2", **ANNA)
    registry.customer("erp:3", **{**ANNA, "given_name": "Ana"}, birth_date="1980-05-06")
    registry.resolve()
    split(registry, "webshop:2")
    registry.customer("webshop:4", **ANNA)
    registry.resolve()
    assert all("webshop:2" not in members for members in registry.clusters())
    assert registry.clusters() == {frozenset({"crm:1", "erp:3", "webshop:4"})}


def test_a_merge_by_hand_outweighs_what_contradicts_it(registry):
    registry.customer("crm:1", **ANNA, birth_date="1980-05-06")
    registry.customer("webshop:2", **ANNA, birth_date="1980-05-06")
    registry.customer("erp:3", given_name="Maria", birth_date="1955-01-02")
    registry.resolve()
    merge(registry, "webshop:2", "erp:3")
    assert registry.clusters() == {frozenset({"crm:1", "webshop:2", "erp:3"})}


def test_a_person_is_not_merged_with_a_company(registry):
    registry.customer("crm:1", **ANNA)
    registry.customer("crm:2", customer_type="company", family_name="Muster AG")
    registry.resolve()
    with pytest.raises(DecisionRefused, match="a company and a person are never one customer"):
        merge(registry, "crm:1", "crm:2")


def test_an_id_has_to_name_one_customer(two):
    two.customer("erp:1")
    two.resolve()
    with pytest.raises(DecisionRefused, match="say one of crm:1, erp:1"):
        find_record(two.connection, "1")
    with pytest.raises(DecisionRefused, match="no record is called 'crm:9'"):
        find_record(two.connection, "crm:9")
    with pytest.raises(DecisionRefused, match="both are customer P.* already"):
        merge(two, "crm:1", "crm:1")


def test_an_explanation_shows_each_record_with_its_reason_and_no_person(two):
    merge(two, "crm:1", "webshop:2")
    split(two, "webshop:2")
    lines = explain(two.connection, "webshop:2")
    text = "\n".join(lines)
    assert "crm:1: own number (exact), since 2026-01-02 00:00, decided by rules" in text
    assert "webshop:2: manual split (exact), since 2026-01-04 00:00, decided by kim" in text
    assert "manual merge (exact), since 2026-01-03 00:00 until 2026-01-04 00:00" in text
    assert "decided: split webshop:2, 2026-01-01 09:00, by kim: looked at both" in text
    assert "Anna" not in text
    assert "example.org" not in text
    with pytest.raises(UnknownIdentity, match="'nobody'"):
        explain(two.connection, "nobody")


@pytest.fixture
def tillhouse(two, house, monkeypatch):
    """The command line over a house with the two records."""
    monkeypatch.setenv("TILLHOUSE_HOME", str(house.home))
    two.connection.execute(f"attach '{house.raw_database}' as other")
    ((name,),) = two.rows("select current_database()")
    two.connection.execute(f"copy from database {name} to other")
    two.connection.execute("detach other")
    return lambda *arguments: CliRunner().invoke(main, ["identity", *arguments])


def test_the_command_line_explains_and_decides(tillhouse):
    assert "webshop:2: own number" in tillhouse("explain", "webshop:2").output
    done = tillhouse("merge", "crm:1", "webshop:2", "--reason", "one card", "--by", "kim")
    assert (done.exit_code, "next run" in done.output) == (0, True)
    done = tillhouse("split", "webshop:2", "--reason", "two people", "--by", "kim")
    assert done.exit_code == 0
    text = tillhouse("explain", "2").output
    assert "decided: merge crm:1 and webshop:2" in text
    assert "by kim: two people" in text
    assert tillhouse("accept", "--reason", "a new shop").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explain", "nobody"), "the ledger knows no 'nobody'"),
        (("split", "2", "--reason", "x"), "SOURCE_SYSTEM:SOURCE_ID"),
        (("split", "crm:9", "--reason", "x"), "no record is called"),
        (("merge", "crm:1", "webshop:2"), "Missing option '--reason'"),
    ],
)
def test_the_command_line_says_what_is_wrong(tillhouse, arguments, message):
    result = tillhouse(*arguments)
    assert result.exit_code != 0
    assert message in result.output


def test_a_house_without_data_is_told_so(house, monkeypatch):
    monkeypatch.setenv("TILLHOUSE_HOME", str(house.home))
    result = CliRunner().invoke(main, ["identity", "explain", "1"])
    assert result.exit_code == 1
    assert "no data yet" in result.output
