"""Canaries in every feed: raw.duckdb and the landing directory are the only places that hold them.

What is searched is every file of the house, and what a person is told on the console.
"""

import csv
import os
from collections.abc import Callable
from itertools import cycle, islice

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.feeds.contract import Column, Contract, load_contracts
from pipelines.nightly import RunOutcome

from .conftest import FIRST_DAY, Retailer, leaks
from .test_a_bad_night import GOOD_ROW, NEXT_DAY, change_model

pytestmark = pytest.mark.pipeline

CANARIES = (
    "canary.9c1e@canary.example.org",
    "+999 555 918273",
    "Canaryson9c1e",
    "Canarystreet 9c1e",
    "tok_canary_9c1e",
)
"""A mail address, a phone number, a name, a street and a token."""

MAIL, PHONE, NAME, STREET, TOKEN = CANARIES

TEXT_OF_CLASS = {"name": NAME, "contact": MAIL, "address": STREET}


def a_sound_value(column: Column) -> str:
    """What the column takes; where it names or reaches a person, a canary."""
    if column.personal_data in TEXT_OF_CLASS:
        return PHONE if column.name == "phone" else TEXT_OF_CLASS[column.personal_data]
    if column.allowed:
        return column.allowed[0]
    day = FIRST_DAY.isoformat()
    return {"text": "P1", "date": day, "timestamp": f"{day}T10:00:00Z"}.get(column.type, "1")


def plant(retailer: Retailer, contract: Contract) -> None:
    """Deliver a row of nothing but canaries, and a sound one where a feed names people."""
    names = [column.name for column in contract.columns]
    mapping = f"feed: {contract.feed}\nfiles: canary/{contract.feed}.csv\ncolumns:\n"
    mapping += "".join(f"  {name}: {name}\n" for name in names)
    if contract.conversion:
        mapping += "reporting_currency: EUR\n"
    (retailer.settings.mappings / f"canary_{contract.feed}.yml").write_text(mapping, "utf-8")
    rows = [tuple(names), tuple(islice(cycle(CANARIES), len(names)))]
    if contract.names_people:
        rows.append(tuple(a_sound_value(column) for column in contract.columns))
    retailer.write(f"canary/{contract.feed}.csv", rows)


@pytest.fixture
def told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[Retailer, RunOutcome], str]:
    """What a night printed, how it ended, and what the command line says of the house after it."""

    def ask(retailer: Retailer, outcome: RunOutcome) -> str:
        monkeypatch.setenv("TILLHOUSE_HOME", str(retailer.settings.home))
        printed = capfd.readouterr()
        status = [CliRunner().invoke(main, ["status", *more]).output for more in ([], ["--json"])]
        assert "pos_line" in status[0]
        return "\n".join([printed.out, printed.err, outcome.reason or "", *status])

    return ask


def heard(text: str) -> list[str]:
    """The canaries in a text."""
    return [canary for canary in CANARIES if canary in text]


def test_a_night_keeps_personal_data_of_every_feed_in_raw(retailer, told):
    contracts = load_contracts()
    for contract in contracts.values():
        plant(retailer, contract)
    outcome = retailer.run()
    assert outcome.exit_code == 0, outcome.reason
    assert heard(told(retailer, outcome)) == []
    assert leaks(retailer, [*CANARIES, os.environ["TILLHOUSE_PRIVACY_KEY"]]) == []
    ((shown,),) = retailer.query("select email_hash from core.dim_customer_contact")
    with duckdb.connect(str(retailer.settings.raw_database), read_only=True) as raw:
        quarantined = raw.execute(
            "select distinct file.feed from quarantine.row inner join ledger.file using (file_id)"
        ).fetchall()
        kept = raw.execute("select email, phone, family_name from feeds.crm_customer").fetchall()
        hashed = raw.execute("select email_hash, email from privacy.dim_customer_pii").fetchall()
    assert {feed for (feed,) in quarantined} == set(contracts)
    assert kept == [(MAIL, PHONE, NAME)]
    assert hashed == [(shown, MAIL)]


def test_a_house_that_names_people_stops_without_a_key(retailer, told, monkeypatch):
    before = retailer.build_id
    plant(retailer, load_contracts()["crm_customer"])
    monkeypatch.delenv("TILLHOUSE_PRIVACY_KEY")
    outcome = retailer.run()
    assert (outcome.exit_code, outcome.step) == (6, "privacy__customer_hash")
    assert "set TILLHOUSE_PRIVACY_KEY to at least 32 random characters" in outcome.reason
    assert retailer.build_id == before
    assert heard(told(retailer, outcome)) == []


def test_a_refused_file_is_told_without_the_persons_in_it(retailer, told):
    customers = load_contracts()["crm_customer"]
    plant(retailer, customers)
    (header, nonsense, _) = csv.reader(
        (retailer.settings.landing / "canary/crm_customer.csv").open(encoding="utf-8")
    )
    headless = retailer.write("canary/crm_customer.csv", [nonsense, nonsense])
    # Read by the mapping of sales, which knows no person: the first row is shown, but for contacts.
    retailer.write_day(NEXT_DAY, [GOOD_ROW]).write_text(f"S1,{MAIL},{PHONE}\n", encoding="utf-8")
    outcome = retailer.run()
    assert outcome.exit_code == 3
    assert "the header has no column 'source_system'; it has" in outcome.reason
    assert "it reads S1, [contact], [contact]" in outcome.reason
    assert heard(told(retailer, outcome)) == []
    assert leaks(retailer, CANARIES) == []

    headless.unlink()
    (retailer.settings.landing / f"sales/sales_{NEXT_DAY}.csv").unlink()
    shifted = [[*nonsense[1:], str(number)] for number in range(30)]
    retailer.write("canary/crm_customer.csv", [header, *shifted])
    outcome = retailer.run()
    assert "30 of 30 rows are unsound, such as line 2: extract_ts: a value that" in outcome.reason
    assert heard(told(retailer, outcome)) == []
    assert leaks(retailer, CANARIES) == []


def test_a_broken_model_stops_the_night_without_the_value_that_it_broke_on(own_project, told):
    plant(own_project, load_contracts()["crm_customer"])
    wrong = "(select max(cast(family_name as integer)) from {{ source('raw', 'crm_customer') }})"
    change_model(own_project, "dim_customer", f"select * from final where 1 < {wrong}")
    outcome = own_project.run()
    assert outcome.exit_code == 3
    assert "dim_customer: Runtime Error" in outcome.reason
    assert "Could not convert string '...' to INT32" in outcome.reason
    assert heard(told(own_project, outcome)) == []
    assert leaks(own_project, CANARIES) == []


def test_a_contact_in_a_text_that_is_published_stops_the_night(retailer, told):
    before = retailer.build_id
    retailer.write(
        "items/items_2026-01-02.csv",
        [
            ("item", "name", "department", "category", "brand"),
            *((f"I{n}", f"Item {n}", "D1", "K1", f"ask {MAIL}") for n in range(11)),
            ("I11", f"ring {PHONE}", "D1", "K1", "B1"),
        ],
    )
    outcome = retailer.run()
    assert (outcome.exit_code, outcome.step) == (3, "publish_build")
    assert "core.dim_product.brand_name: mail address in 11 row(s)" in outcome.reason
    assert "core.dim_product.product_name: phone number in 1 row(s)" in outcome.reason
    assert retailer.build_id == before
    assert heard(told(retailer, outcome)) == []
    # The warehouse of a failed night is read by nobody, and built anew the next night.
    in_warehouse = {f"warehouse.duckdb: {canary}" for canary in (MAIL, PHONE)}
    assert set(leaks(retailer, CANARIES)) == in_warehouse
