"""Three nights of a house with scores: the fit of the second night is refused (gate 18)."""

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.settings import Settings

from .conftest import MAPPINGS, Retailer

if TYPE_CHECKING:
    from tests.conftest import DbtPlace

pytestmark = pytest.mark.pipeline

SALES = """\
feed: pos_line
files: sales/sales_*.csv
columns: {date: business_date, store: store_id, till: workstation_id, receipt: transaction_seq,
  line: line_seq, item: item_id, qty: qty, amount: extended_amount, cost: unit_cost,
  card: customer_ref}
"""
COLUMNS = ("date", "store", "till", "receipt", "line", "item", "qty", "amount", "cost", "card")

FIRST_DATE = date(2025, 1, 5)
LAST_DATE = FIRST_DATE + timedelta(weeks=52)
NEXT_DATE = LAST_DATE + timedelta(weeks=1)
"""A Sunday on which everybody came, the first file of it says."""

CUSTOMER_COUNT = 260

Visits = set[tuple[date, str]]


def natural_visits() -> Visits:
    """Who came on which Sunday: each at a pace of their own, until they came no more."""
    chance = random.Random("refused")
    visits: Visits = set()
    for number in range(CUSTOMER_COUNT):
        rate = chance.gammavariate(1, 1 / 25)
        leaving_rate = chance.betavariate(1, 8)
        moment = chance.uniform(0, 60)
        while moment <= (NEXT_DATE - FIRST_DATE).days:
            visits.add((FIRST_DATE + timedelta(days=-(-int(moment) // 7) * 7), f"C{number}"))
            if chance.random() < leaving_rate:
                break
            moment += chance.expovariate(rate)
    return visits


def write_sales(retailer: Retailer, name: str, visits: Visits) -> None:
    """One line a visit, of an amount that does not hang on who comes."""
    chance = random.Random(name)
    rows = []
    for number, (day, card) in enumerate(sorted(visits), start=1):
        amount = f"{chance.gammavariate(4, 5):.2f}"
        rows.append((day, "S1", 1, number, 1, f"I{number % 12}", 1, amount, "1.00", card))
    path = retailer.settings.landing / "sales" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


@pytest.fixture
def house(dbt_place: "DbtPlace") -> Iterator[Retailer]:
    """A retailer of one store that trades on Sundays, after a year of it."""
    home: Path = dbt_place.clear()
    retailer = Retailer(Settings(home=home, settle_seconds=0))
    retailer.settings.make_directories()
    for name, text in {**MAPPINGS, "sales": SALES}.items():
        (retailer.settings.mappings / f"{name}.yml").write_text(text, encoding="utf-8")
    retailer.write(
        "items/items_2025-01-01.csv",
        [("item", "name", "department", "category", "brand")]
        + [(f"I{number}", f"Item {number}", "D", "K", "B") for number in range(12)],
    )
    retailer.write(
        "stores/stores_2025-01-01.csv",
        [("store", "name", "opened", "area"), ("S1", "North", "2020-01-01", "500")],
    )
    year = {visit for visit in natural_visits() if visit[0] <= LAST_DATE}
    write_sales(retailer, "sales_year.csv", year)
    yield retailer
    dbt_place.keep()


def scores(retailer: Retailer) -> dict[str, tuple]:
    """What is published of each customer, by card."""
    return {
        row[0]: row[1:]
        for row in retailer.query(
            """
            select
                sold.customer_ref, clv.score_code, clv.scored_date, clv.as_of_date,
                clv.score_reason, priority.scored_date, whole.scored_date, clv.alive_rate,
                clv.clv_12m_amount, clv.model_version
            from marts.customer_clv as clv
            inner join marts.customer_priority as priority using (customer_id)
            inner join marts.customer_360 as whole using (customer_id)
            inner join (
                select distinct customer_ref, customer_id from core.fct_sales
            ) as sold using (customer_id)
            """
        )
    }


def gate_18(retailer: Retailer) -> list[tuple]:
    return retailer.query(
        "select measure_code, is_within_gate from meta.model_quality "
        "where is_within_gate is not null order by all"
    )


def test_a_refused_fit_leaves_the_scores_of_the_night_before_with_their_date(
    house: Retailer,
) -> None:
    first_outcome = house.run()
    assert first_outcome.exit_code == 0, first_outcome.reason
    assert gate_18(house) == [("top_decile_capture", True), ("total_bias", True)]
    first = scores(house)
    assert len(first) > 200
    assert {row[:6] for row in first.values()} == {
        ("scored", LAST_DATE, LAST_DATE, None, LAST_DATE, LAST_DATE)
    }

    # Receipts with cards that nobody showed: far more came than was foretold.
    write_sales(house, "sales_week.csv", {(NEXT_DATE, card) for card in {*first, "NEW"}})
    second_outcome = house.run()
    assert second_outcome.exit_code == 0, second_outcome.reason
    assert ("total_bias", False) in gate_18(house)
    second = scores(house)
    # As of tonight, by the scores of the night before: what they say is not touched.
    assert {card: row[6:] for card, row in second.items() if card != "NEW"} == {
        card: row[6:] for card, row in first.items()
    }
    reason = "gate 18: " + min(name for name, is_within in gate_18(house) if not is_within)
    assert {row[:6] for card, row in second.items() if card != "NEW"} == {
        ("held", LAST_DATE, NEXT_DATE, reason, LAST_DATE, LAST_DATE)
    }
    # Who came first that night has no score, and no other night's.
    assert second["NEW"] == ("not scored", None, NEXT_DATE, reason, *5 * [None])
    assert house.query(
        "select rule_description from meta.gate_result "
        "where table_name = 'marts.customer_clv' and status = 'failed'"
    ) == [("the fit of tonight passed gate 18",)]

    # The file comes again as it should have been.
    came = {visit for visit in natural_visits() if visit[0] == NEXT_DATE and visit[1] in first}
    write_sales(house, "sales_week.csv", came | {(NEXT_DATE, "NEW")})
    third_outcome = house.run()
    assert third_outcome.exit_code == 0, third_outcome.reason
    assert gate_18(house) == [("top_decile_capture", True), ("total_bias", True)]
    third = scores(house)
    assert third.keys() == second.keys()
    assert {row[:6] for row in third.values()} == {
        ("scored", NEXT_DATE, NEXT_DATE, None, NEXT_DATE, NEXT_DATE)
    }
    assert {card for card, row in third.items() if row[6:] == second[card][6:]} == set()
