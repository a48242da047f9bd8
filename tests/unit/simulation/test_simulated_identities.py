"""The planted people of the simulated retailer: who is one, who is two, who is related."""

import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.feeds.loader import load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.identity.decisions import Decision, decide_merge, decide_split, find_record
from pipelines.identity.resolve import resolve_identities
from pipelines.privacy.erase import erase
from pipelines.privacy.tombstones import keep_out
from pipelines.settings import PROJECT_ROOT, Settings

from .conftest import Loaded

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"

OPEN_LINKS = """
    select source_system, source_id, customer_id, rule, score, confidence, decided_by
    from identity.xref_customer_identity where unlinked_at is null order by all
"""


@pytest.fixture(scope="module")
def resolved(loaded: Loaded) -> Loaded:
    resolve_identities(loaded.connection, seeds=SEEDS, now=datetime(2024, 5, 1))
    return loaded


@pytest.fixture(scope="module")
def customer_of(resolved: Loaded) -> dict[str, str]:
    """Customer by the source's own number; each is claimed once in this home."""
    return dict(
        resolved.rows(
            "select source_id, customer_id from identity.xref_customer_identity "
            "where unlinked_at is null"
        )
    )


def numbers(answer_key: dict[str, Any], story: str, part: str, column: str) -> list[str]:
    return [row[column] for row in answer_key["stories"][story]["truth"][part]]


def test_one_person_in_three_sources_is_one_customer(customer_of, answer_key):
    records = numbers(answer_key, "one_person_three_sources", "records", "customer_ref")
    assert len(records) == 3
    assert len({customer_of[record] for record in records}) == 1


def test_two_people_with_one_mail_are_two_customers_of_one_household(
    resolved, customer_of, answer_key
):
    records = numbers(answer_key, "two_people_one_mail", "records", "customer_ref")
    customers = {customer_of[record] for record in records}
    assert len(customers) == 2
    households = resolved.rows(
        "select distinct household_id from identity.household "
        f"where customer_id in {tuple(sorted(customers))}"
    )
    assert len(households) == 1


def test_who_leaves_a_household_was_of_it_to_the_day_before(resolved, customer_of, answer_key):
    records = numbers(answer_key, "household_left", "records", "customer_ref")
    (moved,) = set(numbers(answer_key, "household_left", "records", "moved_date"))
    first, second, leaver = (customer_of[record] for record in records)
    day = date.fromisoformat(moved)

    def spans(customer):
        return resolved.rows(
            "select 'P' || substr(household_id, 2), rule, valid_from_date, valid_to_date "
            f"from identity.household where customer_id = '{customer}' order by valid_from_date"
        )

    ever, on = date(1900, 1, 1), date(9999, 12, 31)
    before, alone = day - timedelta(days=1), "own household"
    address, phone = "same family name and address", "same phone"
    assert spans(leaver) == [(first, address, ever, before), (second, phone, day, on)]
    assert spans(first) == [(first, address, ever, before), (first, alone, day, on)]
    assert spans(second) == [(second, alone, ever, before), (second, phone, day, on)]
    assert resolved.rows(
        "select count(*) from identity.household where valid_from_date > date '1900-01-01'"
    ) == [(3,)], "nobody else moved"


def test_a_company_and_its_contacts_are_three_customers(customer_of, answer_key):
    records = numbers(answer_key, "fleet_account", "account", "customer_ref")
    assert len({customer_of[record] for record in records}) == len(records) == 3


def test_a_lead_is_the_customer_it_became(customer_of, answer_key):
    steps = answer_key["stories"]["lead_to_customer"]["truth"]["steps"]
    (customer,) = {row["customer"] for row in steps if row["opportunity_id"] == "OP-STORY"}
    assert customer_of["LD-STORY"] == customer_of[customer]


def test_a_deleted_customer_keeps_the_link(customer_of, answer_key):
    (customer,) = {
        row["customer_ref"] for row in answer_key["stories"]["erasure"]["truth"]["person"]
    }
    assert customer in customer_of


def test_each_natural_customer_is_one_with_the_card_and_the_account(resolved, customer_of):
    rows = resolved.rows(
        "select distinct source_customer_id from counted.crm_customer where source_system = 'crm' "
        "and given_name is not null and email like 'kunde.%'"
    )
    natural = {number for (number,) in rows}
    assert len({customer_of[number] for number in natural}) == len(natural) >= 100
    for number in natural:
        for other in ("L" + number[1:], "N" + number[1:]):
            assert customer_of.get(other, customer_of[number]) == customer_of[number]


def test_neighbours_of_one_name_on_one_street_are_a_household(resolved):
    rows = resolved.rows(
        "select street, family_name, count(distinct household_id), count(distinct customer_id) "
        "from identity.household "
        "inner join identity.xref_customer_identity using (customer_id) "
        "inner join counted.crm_customer as record "
        "on source_id = source_customer_id "
        "and xref_customer_identity.source_system = record.source_system "
        "where street like 'Musterweg%' group by all"
    )
    assert {households for _, _, households, _ in rows} == {1}
    assert max(customers for _, _, _, customers in rows) == 2


FIRST_DAYS = ("*2024-01-*", "*2024-02-0[1-3]*")
"""Names of files up to 3 February: the lead has asked, and buys in March."""


@pytest.fixture
def arrive(simulated_home: Path, tmp_path: Path) -> Callable[..., Settings]:
    """Brings files of the simulated landing into a house of its own, loads and resolves."""
    house = Settings(home=tmp_path / "home", settle_seconds=0)
    house.make_directories()
    shutil.copytree(simulated_home / "mappings", house.mappings, dirs_exist_ok=True)
    mappings = load_mappings(house.mappings)

    def run(*patterns: str, moment: datetime = datetime(2024, 6, 1)) -> Settings:
        for pattern in patterns:
            for path in (simulated_home / "landing").glob(pattern):
                target = house.landing / path.relative_to(simulated_home / "landing")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        with duckdb.connect(str(house.raw_database)) as connection:
            connection.execute("set timezone = 'UTC'")
            load_landed_files(
                connection,
                landing=house.landing,
                mappings=mappings,
                work=house.work,
                on_progress=lambda text: None,
            )
            keep_out(connection, house)
            resolve_identities(connection, seeds=SEEDS, now=moment)
        return house

    return run


def ask(house: Settings, query: str, *values: object) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(house.raw_database), read_only=True) as connection:
        return connection.execute(query, list(values)).fetchall()


def links_of(house: Settings, *numbers: str) -> dict[str, str]:
    """The customer of each number, by the links that stand."""
    return dict(
        ask(
            house,
            "select source_id, customer_id from identity.xref_customer_identity "
            "where unlinked_at is null and list_contains(?, source_id)",
            list(numbers),
        )
    )


def test_a_lead_that_buys_keeps_the_customer_it_was(arrive, answer_key):
    """Nobody keys it twice: it is a customer before it buys, and no link of it ever ends."""
    people = ("customers", "leads", "opportunities")
    steps = answer_key["stories"]["lead_to_customer"]["truth"]["steps"]
    (buyer,) = {row["customer"] for row in steps if row["opportunity_id"] == "OP-STORY"}
    asked = arrive(*(f"crm/{feed}_{days}" for feed in people for days in FIRST_DAYS))
    before = links_of(asked, "LD-STORY")
    bought = arrive(*(f"crm/{feed}_*" for feed in people), "till_a/receipts*")
    assert len(before) == 1
    assert set(links_of(bought, "LD-STORY", buyer).values()) == set(before.values())
    assert ask(
        bought,
        "select count(*) from identity.xref_customer_identity "
        "where source_id = 'LD-STORY' and unlinked_at is not null",
    ) == [(0,)]
    receipts = "select count(*) from feeds.pos_transaction where customer_ref = ?"
    assert ask(bought, receipts, buyer) > [(0,)], "the buyer bought"


def test_a_merge_that_is_split_later_leaves_two_customers_with_the_numbers_of_before(
    arrive, answer_key
):
    one, two = numbers(answer_key, "two_people_one_mail", "records", "customer_ref")
    house = arrive("crm/customers*")
    before = links_of(house, one, two)

    def decide(day: int, act: Callable[[duckdb.DuckDBPyConnection, Decision], None]) -> None:
        with duckdb.connect(str(house.raw_database)) as connection:
            moment = datetime(2024, 6, day)
            act(connection, Decision(decided_by="kim", reason="they say so", decided_at=moment))
            resolve_identities(connection, seeds=SEEDS, now=moment)

    decide(
        2, lambda c, decision: decide_merge(c, find_record(c, one), find_record(c, two), decision)
    )
    assert len(set(links_of(house, one, two).values())) == 1
    decide(3, lambda c, decision: decide_split(c, find_record(c, f"crm:{two}"), decision))
    assert links_of(house, one, two) == before
    history = ask(
        house,
        "select customer_id, day(linked_at), day(unlinked_at), decided_by "
        "from identity.xref_customer_identity where source_id = ? order by linked_at",
        two,
    )
    assert history == [
        (before[two], 1, 2, "rules"),
        (before[one], 2, 3, "kim"),
        (before[two], 3, None, "kim"),
    ]
    everybody = "select count(*) from identity.xref_customer_identity where unlinked_at is not null"
    assert ask(house, everybody) == [(2,)], "nobody else was touched"


def test_who_was_erased_is_linked_to_nobody_and_stays_so_when_delivered_again(arrive, answer_key):
    (person,) = numbers(answer_key, "erasure", "person", "customer_ref")
    one, two = numbers(answer_key, "two_people_one_mail", "records", "customer_ref")
    eldest, _, leaver = numbers(answer_key, "household_left", "records", "customer_ref")
    house = arrive(*(f"crm/customers_{days}" for days in FIRST_DAYS))
    gone = (person, one, eldest)
    others = OPEN_LINKS.replace("where", f"where source_id not in {gone} and")
    before = ask(house, others)
    for number in gone:
        assert links_of(house, number)
        erase(house, number, reason="asked for it", rebuild=lambda: None)
    # The last day's file has the person again.
    arrive("crm/customers*", moment=datetime(2024, 6, 2))
    assert links_of(house, *gone) == {}
    # Who lived with the eldest is now said to have lived alone.
    lived = ask(
        house,
        "select rule from identity.household where customer_id = ? order by valid_from_date",
        links_of(house, leaver)[leaver],
    )
    assert lived == [("own household",), ("same phone",)]
    mails = "select count(*), count(email) from feeds.crm_customer where source_customer_id = ?"
    ((records, with_mail),) = ask(house, mails, two)
    assert records == with_mail > 0, "whoever shared a mail address with somebody erased keeps it"
    kept = {row[:2] for row in before}
    assert kept <= {row[:2] for row in ask(house, others)}
