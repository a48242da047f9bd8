"""A reason is published: it must not say whose request it was."""

from datetime import date

import duckdb
import pytest
from small_house import ask

from pipelines.privacy.erase import LegalHold, erase
from pipelines.privacy.legal_hold import hold
from pipelines.privacy.person import Person
from pipelines.privacy.reason import ReasonNamesPerson, names_person


@pytest.fixture
def registry():
    """Two people, one of them with an older name."""
    with duckdb.connect() as connection:
        connection.execute("create schema feeds")
        connection.execute(
            "create table feeds.crm_customer as select * from (values "
            "('crm', 'C1', 'Kim', 'Müller', 'Große Gartenstraße 12'),"
            "('crm', 'C1', 'Kim', 'Øvre-Muster', null),"
            "('crm', 'C2', 'Li', '王小明', ''),"
            "('shop', 'C1', 'Toni', 'Other', 'Seeweg 3'))"
            " as t (source_system, source_customer_id, given_name, family_name, street)"
        )
        yield connection


def person(number: str) -> Person:
    return Person(
        customer="P1", customer_ids=("P1",), records=(("crm", number),), references=(number,),
        contacts=("kim@example.org",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "reason", "expected"),
    [
        ("C1", "letter of Mrs Kim, 3 March", True),
        ("C1", "MUELLER called", True),
        ("C1", "Frau Muller's letter", True),
        ("C1", "letter of Mrs Muster", True),
        ("C1", "who lives in grosse Gartenstr. 12", True),
        ("C1", "the house in the Gartenstrasse", True),
        ("C1", "customer P1", True),
        ("C1", "mail of Kim@Example.org", True),
        ("C1", "letter of 12 March", False),
        ("C1", "kimono club, mustered out", False),
        ("C1", "as Toni Other of Seeweg 3 asked", False),
        ("C2", "letter of Li", True),
        ("C2", "a little letter", False),
        ("C2", "收到王小明的信", True),
        ("C2", "", False),
    ],
)
def test_a_reason_names_who_it_is_of(registry, number, reason, expected):
    assert names_person(registry, reason, person(number)) is expected


def test_a_request_with_the_name_of_the_person_is_refused_and_not_logged(loaded):
    with pytest.raises(ReasonNamesPerson):
        erase(loaded, "P1", reason="letter of Mrs Mueller", rebuild=lambda: None)
    assert ask(loaded, "select count(*) from privacy.erasure") == [(0,)]


def test_a_hold_with_the_name_of_the_person_is_refused_and_one_of_before_is_not_logged(loaded):
    with pytest.raises(ReasonNamesPerson):
        hold(loaded, "P1", reason="law suit against Müller", until=date(2099, 1, 1))
    assert ask(loaded, "select count(*) from privacy.legal_hold") == [(0,)]
    with duckdb.connect(str(loaded.raw_database)) as connection:
        connection.execute(
            "insert into privacy.legal_hold (customer, reason, until_date) "
            "values ('P1', 'law suit against Müller', date '2099-01-01')"
        )
    with pytest.raises(LegalHold, match="against Müller"):
        erase(loaded, "P1", reason="asked", rebuild=lambda: None)
    assert ask(loaded, "select reason from privacy.erasure") == [("legal hold until 2099-01-01",)]
