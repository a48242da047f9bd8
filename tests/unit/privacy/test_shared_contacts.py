"""Two people who share a mail address or phone number, and one person under another number."""

import duckdb
import pytest
from small_house import DAY, ask, counted, load, run

from pipelines.privacy.tombstones import keep_out

PEOPLE = """\
feed: crm_customer
files: people_{extract_ts}.csv
columns: {system: source_system, id: source_customer_id, given: given_name, family: family_name,
  born: birth_date, mail: email, phone: phone, country: country, since: created_ts}
"""

HEADER = "system,id,given,family,born,mail,phone,country,since"
KIM = "app,K1,Kim,Gemeinsam,1968-04-01,both@example.org,0171 5555555,DE,2025-01-01T00:00:00"
SAM = "app,S1,Sam,Gemeinsam,1966-09-12,BOTH@example.org,+49 171 5555555,,2025-01-01T00:00:00"
ALONE = "app,K1,Kim,Gemeinsam,1968-04-01,kim.g@example.org,,DE,2025-01-01T00:00:00"
"""Kim before she shared a mail address with anybody."""


@pytest.fixture
def arrive(loaded, deliver):
    """Loads people of a day, each a customer of their own as identity would have it."""
    (loaded.mappings / "people.yml").write_text(PEOPLE, encoding="utf-8")

    def of_day(day: int, *people: str, linked: bool = True):
        deliver(f"people_2026-01-{day:02}.csv", *people, header=HEADER)
        load(loaded)
        if linked:
            with duckdb.connect(str(loaded.raw_database)) as connection:
                connection.execute(
                    "insert into identity.xref_customer_identity "
                    "(source_system, source_id, customer_id) "
                    "select distinct source_system, source_customer_id, 'P' || source_customer_id "
                    "from feeds.crm_customer where source_system = 'app' "
                    "and not starts_with(source_customer_id, 'erased-')"
                )
        return loaded

    return of_day


def named(settings) -> list[tuple]:
    """Who the app's customers are, those who were erased aside."""
    return ask(
        settings,
        "select source_customer_id, given_name, lower(email) from feeds.crm_customer "
        "where source_system in ('app', 'web') and not starts_with(source_customer_id, 'erased-') "
        "order by _file_id, 1",
    )


def test_who_shares_mail_and_phone_with_an_erased_person_keeps_them(arrive):
    house = arrive(2, KIM, SAM)
    run(house, "K1")
    sam = ("S1", "Sam", "both@example.org")
    assert named(house) == [sam]
    assert "S1,Sam,Gemeinsam,1966-09-12,BOTH@" in (
        house.landing / "people_2026-01-02.csv"
    ).read_text(encoding="utf-8")
    assert named(arrive(3, KIM, SAM)) == [sam, sam], "nor does the next extract take them"


def test_a_contact_that_only_the_person_has_goes_though_another_one_is_shared(arrive):
    house = arrive(2, KIM, SAM)
    arrive(3, ALONE)
    run(house, "K1")
    other = "web,W1,Kim,Gemeinsam,,kim.g@example.org,,,"
    assert [row[0] for row in named(arrive(4, other))] == ["S1"]


SAME = ["Kim,Gemeinsam,", "KIM,Neumann,1968-04-01", ",Gemeinsam,", ",,1968-04-01", ",,"]
OTHERS = ["Sam,Gemeinsam,", "Sam,Gemeinsam,1968-04-01", "Kim,Gemeinsam,1999-12-31", ",Neumann,"]


def test_an_erased_contact_is_the_persons_unless_what_is_said_beside_it_contradicts(arrive):
    house = arrive(2, ALONE)
    run(house, "K1")
    rest = "kim.g@example.org,,,2025-06-01T00:00:00"
    arrive(
        3,
        *(f"web,SAME{number},{said},{rest}" for number, said in enumerate(SAME)),
        *(f"web,OTHER{number},{said},{rest}" for number, said in enumerate(OTHERS)),
    )
    assert [row[0] for row in named(house)] == ["OTHER0", "OTHER1", "OTHER2", "OTHER3"]


def test_a_customer_of_their_own_stays_one_whatever_contact_they_have_now(arrive):
    """The ledger of identity knows better than a mail address that passed from one to the other."""
    sam = "app,S1,,,,sam@example.org,,,2025-01-01T00:00:00"
    house = arrive(2, ALONE, sam)
    run(house, "K1")
    arrive(3, sam.replace("sam@", "kim.g@"), linked=False)
    assert named(house)[-1] == ("S1", None, "kim.g@example.org")


@pytest.fixture
def known_by_contact(arrive, deliver):
    """Somebody erased comes again as web;W9, with sales before, with and after that record."""
    house = arrive(2, ALONE)
    run(house, "K1")
    deliver("sales_2026-01-06.csv", "S1,1,1,1,A,1,2.50,W9")
    load(house)
    deliver("sales_2026-01-07.csv", "S1,1,1,1,A,1,2.50,W9", "S1,1,2,1,A,1,2.50,C2")

    def again(*others: str) -> list[tuple]:
        arrive(4, "web,W9,Kim,,,kim.g@example.org,,,2025-06-01T00:00:00", *others, linked=False)
        deliver("sales_2026-01-08.csv", "S1,1,1,1,A,1,2.50,W9")
        load(house)
        return counted(house, "pos_line", f"business_date > date '{DAY}', customer_ref")[-4:]

    return again


def test_the_number_of_a_record_known_by_its_contact_is_erased_on_facts_too(known_by_contact):
    assert known_by_contact() == [
        (True, "C2"), (True, "erased"), (True, "erased"), (True, "erased"),
    ]  # fmt: skip


def test_a_number_that_another_systems_customer_has_stays_on_facts(known_by_contact):
    assert known_by_contact("app,W9,Lou,Other,,lou@example.org,,,") == [
        (True, "C2"), (True, "W9"), (True, "W9"), (True, "W9"),
    ]  # fmt: skip


def test_what_was_loaded_before_is_told_apart_for_the_warehouse(arrive, deliver):
    house = arrive(2, ALONE)
    run(house, "K1")
    deliver("sales_2026-01-06.csv", "S1,1,1,1,A,1,2.50,W9")
    load(house)
    with duckdb.connect(str(house.raw_database)) as connection:
        connection.execute(
            "insert into ledger.file (file_id, feed) values (99, 'crm_customer'); "
            "insert into feeds.crm_customer (source_system, source_customer_id, email, _file_id, "
            "_line_number) values ('web', 'W9', 'kim.g@example.org', 99, 1)"
        )
        kept_out = keep_out(connection, house)
        assert (kept_out.row_count, kept_out.older_row_count) == (1, 1)
