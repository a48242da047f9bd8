"""A night of the simulated retailer: what was planted is seen, and nothing else is."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.nightly import RunOutcome, run_nightly
from pipelines.settings import Settings
from pipelines.simulation.scale import SCALES
from pipelines.simulation.simulate import simulate
from pipelines.window import Window

from .conftest import Retailer, leaks

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def simulated_night(new_home: Callable[[], Path]) -> tuple[Retailer, RunOutcome]:
    """A tiny simulated home, and how its first night ended."""
    home = new_home()
    simulate(home, scale=SCALES["tiny"], seed=7, on_progress=lambda text: None)
    settings = Settings(home=home, settle_seconds=0)
    settings.make_directories()
    return Retailer(settings), run_nightly(settings, Window())


@pytest.fixture(scope="module")
def simulated(simulated_night: tuple[Retailer, RunOutcome]) -> Retailer:
    """The retailer, published."""
    retailer, outcome = simulated_night
    assert outcome.exit_code == 0, outcome.reason
    return retailer


@pytest.fixture(scope="module")
def stories(simulated: Retailer) -> dict[str, Any]:
    """What a mart has to find, by name of the story."""
    path: Path = simulated.settings.home / "answer_key" / "stories.json"
    return {name: story["truth"] for name, story in json.loads(path.read_text("utf-8")).items()}


def missing_store_day(stories: dict[str, Any]) -> tuple[str, date]:
    """The one store-day that never arrives."""
    ((store, day),) = [
        (row["store_id"], date.fromisoformat(row["business_date"]))
        for row in stories["store_day_faults"]["store_days"]
        if row["fault"] == "missing_store_day"
    ]
    return store, day


def test_the_stock_ledger_holds_but_for_what_was_planted(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    residuals = simulated.query(
        "select product_id, store_id, from_date, to_date, residual_quantity "
        "from core.fct_inventory_snapshot where residual_quantity <> 0"
    )
    (phantom,) = stories["phantom_stock"]["item"]
    appeared = date.fromisoformat(phantom["from_date"])
    planted = (phantom["item_id"], phantom["store_id"], appeared, appeared, phantom["residual"])
    assert planted in residuals
    # What the store sold on the day of which its tills told nothing.
    unexplained = [row for row in residuals if row != planted]
    store, day = missing_store_day(stories)
    assert {row[1:4] for row in unexplained} == {(store, day, day)}
    assert min(row[4] for row in unexplained) > 0


def test_stock_is_known_on_every_day_though_most_days_bring_changes_only(
    simulated: Retailer,
) -> None:
    # 70 days and the eve of the first; the eve has no day before it.
    assert simulated.query(
        """
        select
            count(distinct business_date), count(*) filter (is_snapshot_missing),
            count(distinct business_date) filter (residual_quantity is not null),
            max(business_date) filter (residual_quantity is null)
        from core.fct_inventory_snapshot
        inner join (select date_day as business_date from core.dim_date)
            on business_date between from_date and to_date
        """
    ) == [(71, 0, 70, date(2024, 1, 27))]


def test_the_last_stock_of_the_stories_is_known(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    told = [
        (row["store_id"], row["item_id"], float(row["on_hand"]))
        for story in ("transfer", "snow_boots_in_heat")
        for row in stories[story]["stock"]
    ]
    found = simulated.query(
        "select store_id, product_id, cast(on_hand_quantity as double) "
        "from core.fct_inventory_snapshot where to_date = date '2024-04-06'"
    )
    assert len(told) >= 4
    assert set(told) <= set(found)


def test_an_audit_tells_of_the_missing_store_day_and_of_nothing_else(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    assert simulated.query("select store_id, business_date from meta.missing_store_day") == [
        missing_store_day(stories)
    ]
    assert simulated.query(
        "select suite_name from meta.gate_result where status <> 'passed' order by 1"
    ) == [("audit.audit_measure",), ("audit.missing_store_day",)]
    verdicts = dict(
        simulated.query("select check_code, max(verdict_code) from meta.audit_measure group by all")
    )
    assert verdicts == {
        "missing_store_days": "warning",
        "receipt_lines": "ok",
        "receipt_tenders": "ok",
        "register_days": "ok",
        "stock_ledger": "ok",
        "transaction_numbers": "ok",
    }
    assert simulated.query(
        "select coalesce(sum(unfooted_receipt_count + unpaid_receipt_count), 0), count(*) > 100 "
        "from meta.receipt_footing"
    ) == [(0, True)]
    assert simulated.query(
        "select count(*) filter (not is_footed or missing_transaction_count > 0), count(*) > 100 "
        "from meta.register_day"
    ) == [(0, True)]


def test_the_drawer_that_money_is_missing_from_is_the_only_one(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    (drawer,) = stories["cash_difference"]["drawer"]
    assert simulated.query(
        "select store_id, workstation_id, business_date, drawer_difference_amount "
        "from core.fct_register_session where drawer_difference_amount <> 0"
    ) == [
        (
            drawer["store_id"],
            drawer["workstation_id"],
            date.fromisoformat(drawer["business_date"]),
            float(drawer["difference"]),
        )
    ]


def test_rows_that_do_not_count_are_those_that_were_damaged(simulated: Retailer) -> None:
    path = simulated.settings.home / "answer_key" / "files.json"
    faults = json.loads(path.read_text("utf-8"))["faults"]
    planted = {
        kind: sum(fault["rows"] for fault in faults if fault["kind"] == kind)
        for kind in ("bad_rows", "repeated_rows", "repeated_store_day")
    }
    # The file that was sent again is no loaded file, so its rows are not in the status.
    assert simulated.query(
        "select sum(quarantined_count), sum(duplicate_count) from meta.feed_status"
    ) == [(planted["bad_rows"], planted["repeated_rows"] + planted["repeated_store_day"])]


def test_accounts_households_and_stores_are_related_as_planted(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    fleet = {
        row["customer_ref"]: row["customer_type"] for row in stories["fleet_account"]["account"]
    }
    (company,) = [ref for ref, kind in fleet.items() if kind == "company"]
    contacts = simulated.query(
        """
        select account.source_id, contact.source_id, bridge.contact_role_code, bridge.is_current
        from core.bridge_account_contact as bridge
        inner join core.xref_customer_identity as account
            on bridge.account_customer_id = account.customer_id and account.source_system = 'crm'
        inner join core.xref_customer_identity as contact
            on bridge.customer_id = contact.customer_id and contact.source_system = 'crm'
        order by all
        """
    )
    assert len(fleet) == 3
    assert contacts == [(company, ref, "contact", True) for ref in sorted({*fleet} - {company})]

    (store,) = stories["remodelled_store"]["store"]
    closed = [date.fromisoformat(store[name]) for name in ("closed_from", "closed_to")]
    assert simulated.query(
        "select store_id, valid_from_date, valid_to_date, closed_reason "
        "from core.bridge_store_status where status_code = 'remodelling'"
    ) == [(store["store_id"], *closed, "remodelling")]

    couple = [row["customer_ref"] for row in stories["two_people_one_mail"]["records"]]
    members = simulated.query(
        f"""
        select household.member_count, bridge.member_role_code
        from core.bridge_household_member as bridge
        inner join core.dim_household as household using (household_id)
        inner join core.xref_customer_identity as link using (customer_id)
        where link.source_id in {tuple(couple)}
        order by all
        """
    )
    assert members == [(2, "head"), (2, "member")]


def test_no_output_of_the_night_holds_what_stands_for_a_person(simulated: Retailer) -> None:
    home = simulated.settings.home
    planted = json.loads((home / "answer_key" / "canaries.json").read_text("utf-8"))
    canaries = tuple(value for values in planted.values() for value in values.values())
    assert len(canaries) == 8
    assert leaks(simulated, canaries) == []
