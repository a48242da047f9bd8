"""Canaries in every feed: raw.duckdb and the landing directory are the only places that hold them.

What is searched is every file of the house, and what a person is told on the console.
"""

import csv
import os

import duckdb
import pytest

from pipelines.feeds.contract import load_contracts

from .canaries import CANARIES, MAIL, NAME, PHONE, heard, leaks, plant
from .conftest import GOOD_ROW, NEXT_DAY

pytestmark = pytest.mark.pipeline


def test_a_night_keeps_personal_data_of_every_feed_in_raw(retailer, told):
    contracts = load_contracts()
    for contract in contracts.values():
        plant(retailer, contract)
    outcome = retailer.run()
    assert outcome.exit_code == 0, outcome.reason
    assert heard(told(retailer, outcome)) == []
    assert leaks(retailer, [*CANARIES, os.environ["TILLHOUSE_PRIVACY_KEY"]]) == []
    ((shown,),) = retailer.query("select email_hash from core.dim_customer_contact")
    ((named,),) = retailer.query("select name_token from core.dim_customer where name_token <> ''")
    with duckdb.connect(str(retailer.settings.raw_database), read_only=True) as raw:
        quarantined = raw.execute(
            "select distinct file.feed from quarantine.row inner join ledger.file using (file_id)"
        ).fetchall()
        kept = raw.execute("select email, phone, family_name from feeds.crm_customer").fetchall()
        hashed = raw.execute(
            "select email_hash, email, name_token from privacy.dim_customer_pii"
        ).fetchall()
    assert {feed for (feed,) in quarantined} == set(contracts)
    assert kept == [(MAIL, PHONE, NAME)]
    assert hashed == [(shown, MAIL, named)]


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
