"""The planted people of the simulated retailer: who is one, who is two, who is related."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.feeds.loader import load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.identity.resolve import resolve_identities
from pipelines.settings import PROJECT_ROOT

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


def test_a_load_in_two_parts_ends_in_the_same_open_links(
    resolved: Loaded, simulated_home: Path, tmp_path: Path
) -> None:
    """Later files first: whatever came first, the links are those of all files."""
    landing = tmp_path / "landing"
    mappings = load_mappings(simulated_home / "mappings")
    with duckdb.connect(str(tmp_path / "raw.duckdb")) as connection:
        connection.execute("set timezone = 'UTC'")
        for day, folders in enumerate((["loyalty", "webshop", "till_b"], ["crm", "till_a"]), 1):
            for folder in folders:
                shutil.copytree(simulated_home / "landing" / folder, landing / folder)
            load_landed_files(
                connection,
                landing=landing,
                mappings=mappings,
                work=tmp_path,
                on_progress=lambda text: None,
            )
            resolve_identities(connection, seeds=SEEDS, now=datetime(2024, 6, day))
        assert connection.execute(OPEN_LINKS).fetchall() == resolved.rows(OPEN_LINKS)
        assert connection.execute(
            "select count(*) > 0 from identity.xref_customer_identity where unlinked_at is not null"
        ).fetchall() == [(True,)], "the second part changed links of the first"
