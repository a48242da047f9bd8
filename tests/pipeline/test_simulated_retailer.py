"""A night of the simulated retailer: what was planted is seen, and nothing else is."""

import json
import shutil
import time
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from math import log
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.nightly import RunOutcome, run_nightly
from pipelines.settings import Settings
from pipelines.status import read_state
from pipelines.window import Window

from .canaries import leaks
from .conftest import Retailer

if TYPE_CHECKING:
    from tests.conftest import DbtPlace

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def simulated_night(simulated_home: Path, dbt_place: "DbtPlace") -> tuple[Retailer, RunOutcome]:
    """A tiny simulated home, and how its first night ended."""
    home = dbt_place.clear()
    shutil.copytree(simulated_home, home, dirs_exist_ok=True)
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


def health_of(simulated: Retailer, item: dict[str, Any]) -> list[tuple]:
    """Day, state, reason of doubt, units lost by the span, of a planted item in its store."""
    return simulated.query(
        f"""
        select date_day, stock_state_code, phantom_reason_code,
            case when date_day = from_date then lost_units else 0 end
        from marts.inventory_health
        inner join core.dim_date on date_day between from_date and to_date
        where store_id = '{item["store_id"]}' and product_id = '{item["item_id"]}'
        order by date_day
        """
    )


def test_stock_that_is_not_there_is_doubted_from_the_day_on_which_it_appeared(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    (phantom,) = stories["phantom_stock"]["item"]
    appeared = date.fromisoformat(phantom["from_date"])
    days = health_of(simulated, phantom)
    # The ledger tells it at once; and that it does not sell from then on is no chance.
    first, *later = [reason for day, _, reason, _ in days if day >= appeared]
    assert (first, set(later)) == ("ledger", {"silent"})
    assert {reason for day, _, reason, _ in days if day < appeared} == {None}


def test_what_is_missed_for_ten_days_is_lost_and_nothing_else_of_the_item(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    (missed,) = stories["stock_out"]["item"]
    first, last = (date.fromisoformat(missed[name]) for name in ("from_date", "to_date"))
    days = health_of(simulated, missed)
    # On the eve of the ten days the last two were sold: nothing was left, and nothing lost.
    assert [day for day, state, _, _ in days if state == "out"] == [
        first + timedelta(days=number) for number in range(-1, (last - first).days + 1)
    ]
    assert sum(lost for *_, lost in days) == missed["lost_units"]


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


def test_pairs_are_those_that_are_bought_together_where_and_when_they_are(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    (pair,) = stories["diapers_and_beer"]["pair"]
    shelf = stories["shelf_community"]["pairs"]
    found = simulated.query(
        """
        select
            left_code, right_code, cluster_code, fiscal_period_start_date, pair_basket_count,
            lift > 2
        from marts.basket_affinity
        where affinity_level = 'item' and left_code < '000025'
        order by left_code, right_code
        """
    )
    # Items up to 000024 are of stories alone: the shelf and the pair are two communities.
    assert found == [
        (
            planted["item_a"],
            planted["item_b"],
            planted["cluster"],
            date.fromisoformat(planted["fiscal_period_start_date"]),
            planted["baskets_with_both"],
            True,
        )
        for planted in (pair, *shelf)
    ]
    assert simulated.query(
        "select left_basket_count, right_basket_count from marts.basket_affinity "
        "where left_code = '000001' and affinity_level = 'item'"
    ) == [(pair["baskets_with_a"], pair["baskets_with_b"])]


def test_shelves_are_the_communities_that_were_planted(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    (pair,) = stories["diapers_and_beer"]["pair"]
    shelf = stories["shelf_community"]["pairs"]
    planted = {
        (planted["cluster"], date.fromisoformat(planted["fiscal_period_start_date"]), item)
        for planted in (pair, *shelf)
        for item in (planted["item_a"], planted["item_b"])
    }
    found = simulated.query(
        """
        select
            cluster_code, fiscal_period_start_date, community_code, community_member_count,
            list(member_code order by member_code), bool_and(strength = community_strength),
            list(neighbour_count order by member_code)
        from marts.shelf_group
        where affinity_level = 'item' and member_code < '000025'
        group by all
        order by community_member_count
        """
    )
    couple, skin = (
        sorted({row[name] for row in rows for name in ("item_a", "item_b")})
        for rows in ([pair], shelf)
    )
    # Each is a whole of its own: all pairs within are met, and no pair leads out of it.
    assert [row[3:] for row in found] == [(2, couple, True, [1, 1]), (3, skin, True, [2, 2, 2])]
    assert {(*row[:2], item) for row in found for item in row[4]} == planted


def test_a_product_sells_twice_as_much_at_the_lower_of_its_two_prices(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    band = {"1.6": "1.50", "2.0": "1.80"}
    found = simulated.query(
        """
        select
            store_id, price_band_code, sum(unit_count), count(*),
            sum(unit_count) / sum(weeks_on_offer)
        from marts.price_point_store
        where product_id = '000006' and unit_count > 0
        group by all order by all
        """
    )
    assert found == [
        (
            row["store_id"],
            band[str(float(row["unit_price"]))],
            Decimal(row["units"]),
            row["weeks"],
            # a day that never came is no day on offer
            pytest.approx(42 if float(row["unit_price"]) == 1.6 else 21),
        )
        for row in stories["price_point"]["weeks"]
    ]
    # Two stores by ten weeks less two effects of stores and nine of weeks and the slope.
    ((elasticity, error, price_weeks),) = simulated.query(
        "select elasticity, elasticity_standard_error, price_week_count "
        "from marts.price_elasticity where product_id = '000006'"
    )
    assert elasticity == pytest.approx(log(6 / 3) / log(1.60 / 2.00), abs=1e-6)
    assert (error, price_weeks) == (pytest.approx(0, abs=1e-6), 20)


def test_what_a_rival_asks_more_or_less_for_is_an_index(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    rival = {
        row["item_id"]: float(row["rival_to_own_price"]) for row in stories["price_index"]["items"]
    }
    found = simulated.query(
        "select member_code, price_index, is_stale, compared_item_count, fiscal_week_start_date "
        "from marts.price_index where index_level = 'item' and price_index is not null"
    )
    assert {row[0] for row in found} == set(rival)
    for item, index, *judged, _ in found:
        # prices are whole cents, and so is the tax of a line
        assert index == pytest.approx(1 / rival[item], abs=0.01)
        assert judged == [False, 1]
    assert len({row[-1] for row in found if row[0] == "000017"}) == 10
    # Crisps are all of their category, olive oil is a part of its own.
    assert simulated.query(
        "select distinct member_code, compared_item_count, coverage_rate = 1, coverage_rate > 0 "
        "from marts.price_index where index_level = 'category' order by 1"
    ) == [("Grocery", 1, False, True), ("Snacks", 1, True, True)]


def test_an_offer_that_sells_three_times_as_much_does_not_earn_what_it_gave(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    story = stories["promo_lift"]
    weeks = {row["week"]: row for row in story["weeks"]}
    (offer,) = story["offer"]
    # Two a day in the five weeks before, one of which lacks a day.
    normal, sold, after = 14, Decimal(weeks[5]["units"]), weeks[6]["units"]
    unit_margin = Decimal(weeks[0]["margin"]) / Decimal(weeks[0]["units"])
    gained = Decimal(weeks[5]["margin"]) - normal * unit_margin
    ahead = normal - Decimal(after)
    given = Decimal(weeks[5]["discount"])
    ((*told, lift, came_back),) = simulated.query(
        f"""
        select
            store_id, from_date, unit_count, discount_amount, baseline_week_count,
            baseline_quantity, pull_forward_quantity, incremental_margin_amount,
            pull_forward_margin_amount, cannibalised_quantity, halo_margin_amount, missing_reason,
            lift_rate, margin_return_rate
        from marts.promo_lift
        where promotion_id = '{offer["promotion_id"]}' and product_id = '{offer["item_id"]}'
        """
    )
    day = date.fromisoformat(offer["from_date"])
    # Nothing else of its category is sold, and nothing else is in the receipts.
    lost = ahead * unit_margin
    assert told == [offer["store_id"], day, sold, given, 5, normal, ahead, gained, lost, 0, 0, None]
    assert (sold, ahead, gained) == (42, 7, Decimal("36.96"))
    assert lift == pytest.approx(2)
    assert came_back == pytest.approx(float((gained - lost) / given))
    assert gained > 0 > came_back


def test_a_store_that_loses_half_its_customers_sells_so_much_less_from_that_day_on(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    (planted,) = stories["trend_break"]["store"]
    ((before, after),) = simulated.query(
        f"""
        select
            avg(net_amount) filter (where business_date < date '{planted["from_date"]}'),
            avg(net_amount) filter (where business_date >= date '{planted["from_date"]}')
        from core.fct_sales_day
        where store_id = '{planted["store_id"]}' and business_date >= date '2024-01-28'
        """
    )
    assert (before, after) == pytest.approx(
        (planted["net_a_day_before"], planted["net_a_day_after"])
    )
    assert 0.3 < after / before < 0.7


def test_who_was_won_at_a_fair_and_is_old_enough_is_of_more_value_than_the_young(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    planted = [tuple(row.values()) for row in stories["segment_rule"]["rule"]]
    assert simulated.query(
        """
        select
            acquisition_channel, birth_year < 1970, count(*), sum(transaction_count),
            sum(net_amount)
        from core.dim_customer as customer
        inner join (
            select customer_id, count(*) as transaction_count, sum(net_amount) as net_amount
            from core.fct_basket group by customer_id
        ) as sold using (customer_id)
        where customer.is_current and acquisition_channel = 'fair'
        group by all order by 2 desc
        """
    ) == [(*row[:4], Decimal(row[4])) for row in planted]
    # The value index runs to 100: all of the old ones stand high in it, and no young one does.
    assert simulated.query(
        """
        select birth_year < 1970, min(value_index) > 70, max(value_index) < 50
        from marts.customer_value
        inner join core.dim_customer as customer using (customer_id)
        where customer.is_current and acquisition_channel = 'fair'
            and month_end_date = (select max(month_end_date) from marts.customer_value)
        group by all order by 1 desc
        """
    ) == [(True, True, False), (False, False, True)]
    # So it is the first rule, over the old ones alone; some wait for their second month of tier A.
    (old, _) = planted
    ((label, customers, key_customers, purity, lift),) = simulated.query(
        "select rule_label, customer_count, key_customer_count, purity_rate, lift "
        "from marts.segment_profile where rule_rank = 1"
    )
    assert label == "acquisition channel is fair and age is 65 or more"
    assert customers == old[2]
    assert [(key_customers,)] == simulated.query(
        """
        select count(*) filter (value_tier_code = 'A')
        from marts.customer_value
        inner join core.dim_customer as customer using (customer_id)
        where customer.is_current and acquisition_channel = 'fair' and birth_year < 1970
            and month_end_date = (select max(month_end_date) from marts.customer_value)
        """
    )
    assert purity == key_customers / customers > 0.5
    assert lift > 3


def test_who_bought_linen_first_is_new_to_textiles_and_nobody_known_bought_boots(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    shoes, textiles = stories["new_to_a_category"]["week"]
    assert shoes["households"] == 0
    assert simulated.query(
        """
        select dimension_id, movement_code, household_count, net_amount, base_net_amount
        from marts.gain_loss
        where dimension_code = 'category' and fiscal_quarter_code = 'FY2023-Q4'
            and dimension_id in ('Shoes', 'Textiles')
        order by all
        """
    ) == [
        ("Shoes", "unidentified", 0, Decimal(shoes["net_sales"]), 0),
        ("Textiles", "new", textiles["households"], Decimal(textiles["net_sales"]), 0),
    ]


def test_a_key_customer_who_stays_away_for_two_cycles_is_at_risk(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    (planted,) = stories["key_customer_slipping"]["customer"]
    customer = (
        "select customer_id from core.xref_customer_identity "
        f"where source_id = '{planted['customer_ref']}'"
    )
    assert simulated.query(
        f"select cycle_days, cycle_source_code from marts.customer_cycle "
        f"where customer_id in ({customer})"
    ) == [(planted["cycle_days"], "own")]
    ((bought, last_date, place),) = simulated.query(
        f"""
        select net_amount, last_date, place
        from (
            select
                customer_id, sum(net_amount) as net_amount, max(business_date) as last_date,
                rank() over (order by sum(net_amount) desc) as place
            from core.fct_basket where customer_id not like '-%' group by customer_id
        )
        where customer_id in ({customer})
        """
    )
    assert (bought, str(last_date)) == (Decimal(planted["net_sales"]), planted["last_date"])
    assert place <= 10
    # Who is customer for less than 90 days is new still, however long he stays away.
    away = (date(2024, 4, 6) - last_date).days
    assert 1.5 * planted["cycle_days"] < away <= 3 * planted["cycle_days"]
    assert simulated.query(
        f"""
        select lifecycle_stage_code from marts.customer_lifecycle
        where customer_id in ({customer}) and valid_to_date = date '9999-12-31'
        """
    ) == [("new",)]


def test_a_project_goes_from_lead_to_an_order_by_phone_that_is_paid_late(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    story = stories["project_channel"]
    planted = {row["to_stage"]: date.fromisoformat(row["changed_date"]) for row in story["steps"]}
    (sale,) = story["sale"]
    assert simulated.query(
        """
        select lead_source, contract_date, order_date, goods_delivered_date, paid_date,
            opportunity_amount
        from core.fct_sales_pipeline where opportunity_id = 'OP-PROJECT'
        """
    ) == [
        (
            "project",
            *(planted[stage] for stage in ("contract", "order", "delivered", "paid")),
            Decimal(sale["sales_net"]),
        )
    ]
    assert simulated.query(
        f"""
        select profile.channel, sale.business_date, sale.net_amount,
            customer.acquisition_channel
        from core.fct_sales as sale
        inner join core.dim_transaction_profile as profile using (transaction_profile_key)
        inner join core.dim_customer as customer
            on sale.customer_id = customer.customer_id and customer.is_current
        where sale.customer_ref = '{sale["customer_ref"]}'
        """
    ) == [("phone", planted["delivered"], Decimal(sale["sales_net"]), "project")]
    # Due after 14 days, paid four days later; one weekly extract lies between, on the next day.
    due = planted["delivered"] + timedelta(days=14)
    assert simulated.query(
        f"""
        select max_overdue_days from marts.credit_grade
        inner join core.xref_customer_identity using (customer_id)
        where source_id = '{sale["customer_ref"]}'
        """
    ) == [((date(2024, 3, 16) - due).days,)]


def test_the_facts_hold_what_alerts_are_to_tell_and_nothing_more(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    last_date = date(2024, 4, 6)
    # Three standard deviations above the last eight same weekdays, and twenty at least.
    (surge,) = stories["contact_surge"]["surge"]
    assert simulated.query(
        """
        with day as (
            select contact_reason, contact_date, count(*) as contacts
            from core.fct_contact group by all
        ),

        dense as (
            select reason.contact_reason, date_day, coalesce(contacts, 0) as contacts
            from (select distinct contact_reason from day) as reason
            cross join core.dim_date
            left join day
                on day.contact_reason = reason.contact_reason and day.contact_date = date_day
            where date_day between date '2024-01-28' and date '2024-04-06'
        ),

        measured as (
            select
                *, avg(contacts) over weekdays as usual, stddev(contacts) over weekdays as spread
            from dense
            window weekdays as (
                partition by contact_reason, dayofweek(date_day) order by date_day
                rows between 8 preceding and 1 preceding
            )
        )

        select contact_reason, date_day, contacts, usual from measured
        where contacts >= 20 and contacts - usual > 3 * spread
        """
    ) == [
        (surge["reason"], date.fromisoformat(surge["contact_date"]), surge["contacts"], 2),
    ]
    (dryer,) = stories["entitlement_ending"]["serial"]
    assert simulated.query(
        f"""
        select product_id, serial_ref, sold_date from core.fct_asset_lifecycle
        where warranty_end_date between date '{last_date}' and date '{last_date}' + 30
        """
    ) == [(dryer["item_id"], dryer["serial_no"], date.fromisoformat(dryer["sold_date"]))]
    boots = [
        (row["store_id"], row["item_id"], Decimal(row["on_hand"]))
        for row in stories["snow_boots_in_heat"]["stock"]
        if row["store_id"] == "S001"
    ]
    out_of_place = simulated.query(
        f"""
        select stock.store_id, stock.product_id, stock.on_hand_quantity
        from core.fct_inventory_snapshot as stock
        inner join core.dim_product as product
            on stock.product_id = product.product_id and product.is_current
        inner join core.dim_store as store on stock.store_id = store.store_id and store.is_current
        where stock.to_date = date '{last_date}' and stock.on_hand_quantity > 0
            and (product.climate_tag, store.climate_zone) in (('cold', 'hot'), ('hot', 'cold'))
        """
    )
    assert out_of_place == boots


def test_who_buys_by_a_cycle_has_it(simulated: Retailer, stories: dict[str, Any]) -> None:
    planted = {p["customer_ref"]: p["cycle_days"] for p in stories["purchase_cycle"]["people"]}
    found = simulated.query(
        f"""
        select customer_ref, cycle_days, cycle_source_code
        from marts.customer_cycle
        inner join (select distinct customer_id, customer_ref from core.fct_sales)
            using (customer_id)
        where customer_ref in {tuple(planted)}
        """
    )
    assert {ref: days for ref, days, _ in found} == planted
    assert {source for *_, source in found} == {"own"}


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


def test_coffee_is_sent_where_it_sells_and_oat_drinks_are_not_worth_their_way(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    short, rich = stories["transfer"]["stock"]
    # 14 days at 3 a day, a shelf of 2 and a safety stock of 1, less the 2 that are left: 43.
    ((quantity, gain, cost, loss, before, after),) = simulated.query(
        f"""
        select transfer_quantity, margin_gain_amount, transfer_cost_amount, giver_loss_amount,
            to_supply_before_days, to_supply_after_days
        from marts.transfer_suggestion
        where product_id = '{rich["item_id"]}' and from_store_id = '{rich["store_id"]}'
            and to_store_id = '{short["store_id"]}'
        """
    )
    assert (quantity, cost, loss) == (43, Decimal("19.3"), 0)
    assert gain == pytest.approx(Decimal(43) * Decimal("2.39"), abs=Decimal("0.01"))
    assert before == pytest.approx(2 / 3)
    assert after == pytest.approx(15)
    few, lying = stories["transfer_too_small"]["stock"]
    assert (few["on_hand"], lying["on_hand"]) == ("6.000", "12.000")
    assert (
        simulated.query(
            f"select * from marts.transfer_suggestion where product_id = '{lying['item_id']}'"
        )
        == []
    )


def test_snow_boots_lie_in_a_hot_store_and_belong_in_the_cold_one(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    hot, cold = stories["snow_boots_in_heat"]["stock"]
    assert simulated.query(
        """
        select store_id, product_id, climate_tag, climate_zone, cast(on_hand_quantity as text),
            suggested_store_id
        from marts.climate_mismatch
        """
    ) == [(hot["store_id"], hot["item_id"], "cold", "hot", hot["on_hand"], cold["store_id"])]
    # Two are left where one is sold each third day: some are sent, most are too many anywhere.
    ((sent,),) = simulated.query("select transfer_quantity from marts.climate_mismatch")
    assert 0 < sent < 40


def test_an_audit_tells_of_the_missing_store_day_and_of_a_busy_one(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    assert simulated.query("select store_id, business_date from meta.missing_store_day") == [
        missing_store_day(stories)
    ]
    assert simulated.query(
        "select suite_name from meta.gate_result where status <> 'passed' order by 1"
    ) == [
        ("audit.audit_measure",),
        ("audit.missing_store_day",),
        ("audit.store_day_volume",),
        # Six weeks are too short a past to judge a forecast of a quarter by.
        ("marts.customer_clv",),
    ]
    (busy,) = stories["busy_day"]["day"]
    assert simulated.query(
        "select store_id, business_date from meta.store_day_volume where volume_code = 'above' "
        f"and business_date = date '{busy['business_date']}'"
    ) == [(busy["store_id"], date.fromisoformat(busy["business_date"]))]
    assert simulated.query("select distinct volume_code from meta.store_day_volume order by 1") == [
        ("above",),
        ("within",),
    ]
    verdicts = dict(
        simulated.query("select check_code, max(verdict_code) from meta.audit_measure group by all")
    )
    assert verdicts == {
        "missing_store_days": "warning",
        "receipt_lines": "ok",
        "receipt_tenders": "ok",
        "register_days": "ok",
        "stock_ledger": "ok",
        "store_day_volumes": "ok",
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
    bad, repeated = (
        sum(fault["rows"] for fault in faults if fault["kind"] in kinds)
        for kinds in (("bad_rows",), ("repeated_rows", "repeated_store_day", "resent_file"))
    )
    assert simulated.query(
        "select sum(quarantined_count), sum(duplicate_count), "
        "sum(row_count - loaded_count - quarantined_count - duplicate_count) from meta.feed_status"
    ) == [(bad, repeated, 0)]
    state = read_state(simulated.settings)
    assert sum(feed.duplicate for feed in state.feeds) == repeated


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


def test_who_left_a_household_was_of_it_to_the_day_before(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    records = [row["customer_ref"] for row in stories["household_left"]["records"]]
    moved = date.fromisoformat(stories["household_left"]["records"][0]["moved_date"])
    spans = simulated.query(
        f"""
        select
            member.source_id, head.source_id, bridge.member_role_code,
            bridge.valid_from_date, bridge.valid_to_date, household.member_count
        from core.bridge_household_member as bridge
        inner join core.dim_household as household using (household_id)
        inner join core.xref_customer_identity as member
            on bridge.customer_id = member.customer_id and member.source_id in {tuple(records)}
        inner join core.xref_customer_identity as head
            on
                bridge.household_id = 'H' || substr(head.customer_id, 2)
                and head.source_id in {tuple(records)}
        order by member.source_id, bridge.valid_from_date
        """
    )
    first, second, leaver = records
    ever, on = date(1900, 1, 1), date(9999, 12, 31)
    assert spans == [
        (first, first, "head", ever, on, 1),
        (second, second, "head", ever, on, 2),
        (leaver, first, "member", ever, moved - timedelta(days=1), 1),
        (leaver, second, "member", moved, on, 2),
    ]
    assert simulated.query(
        "select distinct 'P' || substr(household_id, 2) = ("
        f"select customer_id from core.xref_customer_identity where source_id = '{second}'"
        ") from core.dim_customer inner join core.xref_customer_identity using (customer_id) "
        f"where source_id = '{leaver}'"
    ) == [(True,)], "in all versions the household of today"


def test_no_output_of_the_night_holds_what_stands_for_a_person(simulated: Retailer) -> None:
    home = simulated.settings.home
    planted = json.loads((home / "answer_key" / "canaries.json").read_text("utf-8"))
    canaries = tuple(value for values in planted.values() for value in values.values())
    assert len(canaries) == 8
    assert leaks(simulated, canaries) == []


def test_a_store_that_grew_is_not_compared_though_it_trades_again(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    (store,) = stories["remodelled_store"]["store"]
    assert float(store["area_after"]) > 1.05 * float(store["area_before"])
    # Last year is known to the week that ends on 9 March.
    reasons = simulated.query(
        f"""
        select
            business_date between '{store["closed_from"]}' and '{store["closed_to"]}',
            exclusion_reason
        from marts.comparable_store_day
        where store_id = '{store["store_id"]}'
            and business_date between '{store["closed_from"]}' and date '2024-03-09'
        group by all order by 1
        """
    )
    assert reasons == [(False, "area changed by more than 5 % since last year"), (True, "closed")]
    grown = simulated.query(
        "select distinct store_id from marts.comparable_store_day "
        "where exclusion_reason like 'area changed%'"
    )
    assert grown == [(store["store_id"],)]


def test_the_year_after_one_of_53_weeks_is_held_against_the_same_weekdays(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    story = stories["year_of_53_weeks"]
    told = {
        store: (this_year, last_year)
        for store, this_year, last_year in simulated.query(
            """
            select store_id, sum(net_amount), sum(net_amount_ly_aligned)
            from marts.store_performance
            where period_grain = 'week'
                and period_start_date between date '2024-02-04' and date '2024-03-03'
            group by store_id
            """
        )
    }
    for row in story["comparison"]:
        expected = (Decimal(row["net_this_year"]), Decimal(row["net_last_year_aligned"]))
        assert told[row["store_id"]] == expected
        assert row["net_last_year_by_calendar"] != row["net_last_year_aligned"]
    (week,) = story["week_53"]
    assert simulated.query(
        f"""
        select distinct net_amount_ly_aligned, exclusion_reason from marts.comparable_store_day
        where business_date between '{week["first_date"]}' and '{week["last_date"]}'
        """
    ) == [(None, "53rd week")]


def test_returns_are_counted_and_name_their_sale_where_the_till_did(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    told = {row["ref"]: row for row in stories["returns"]["receipts"]}
    planted = {
        told["return-a"]["receipt_id"]: (2, 5.0, told["return-a-sale"]["receipt_id"]),
        told["return_without_original"]["receipt_id"]: (1, 2.5, None),
        told["exchange"]["receipt_id"]: (1, 2.5, None),
    }
    returned = simulated.query(
        "select receipt_id, returned_quantity, returns_amount, original_receipt_id, is_matched "
        "from core.fct_returns"
    )
    assert {row[0]: row[1:4] for row in returned if row[0] in planted} == planted
    natural = [row for row in returned if row[0] not in planted]
    (drawn,) = stories["returns"]["natural"]
    assert (len(natural), sum(row[2] for row in natural)) == (
        drawn["lines"],
        Decimal(drawn["amount"]),
    )
    assert all(row[4] for row in natural)


def test_what_was_cancelled_or_trained_is_no_sale(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    planted = {row["receipt_id"]: row for row in stories["voids_and_training"]["receipts"]}
    kinds = {"training_receipt": "training", "voided_receipt": "cancelled",
             "voided_line": "void_line"}  # fmt: skip
    found = simulated.query("select receipt_id, exception_code from core.fct_pos_exception")
    assert {row for row in found if row[0] in planted} == {
        (receipt, kinds[row["plant"]]) for receipt, row in planted.items()
    }
    sold = dict(simulated.query("select receipt_id, net_amount from core.fct_basket"))
    assert {receipt: sold[receipt] for receipt in planted if receipt in sold} == {
        receipt: Decimal(row["sales_net"]) for receipt, row in planted.items() if row["is_counted"]
    }
    kinds_of_lines = {kind for (kind,) in simulated.query("select line_type from core.fct_sales")}
    not_sold = {row["line_type"] for row in stories["not_a_sale"]["lines"]}
    assert len(not_sold) == 4
    assert not kinds_of_lines & not_sold


def test_items_are_what_the_masters_said_of_them_on_the_day_of_the_sale(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    unknown = stories["unknown_item"]["lines"]
    (late,) = stories["late_master"]["item"]
    (recoded,) = stories["recoded_item"]["items"]
    (weighed,) = stories["weighed_barcode"]["line"]
    lines = simulated.query(
        """
        select sale.product_id, sale.quantity, sale.net_amount, sale.business_date,
            product.category_name, product.is_inferred
        from core.fct_sales as sale inner join core.dim_product as product using (product_key)
        """
    )

    def of(item: str) -> list[tuple[Any, ...]]:
        return [row[1:] for row in lines if row[0] == item]

    assert {(row[0], row[2]) for row in lines if row[5]} == {
        (row["item_id"], Decimal(row["amount"])) for row in unknown
    }
    ((quantity, _, sold_on, _, is_inferred),) = of(late["item_id"])
    assert (quantity, str(sold_on), is_inferred) == (late["qty"], late["sold_date"], False)
    assert str(sold_on) < late["master_date"]
    ((old_quantity, _, old_date, old_category, _),) = of(recoded["old_item_id"])
    ((new_quantity, _, new_date, new_category, _),) = of(recoded["new_item_id"])
    assert (old_quantity, new_quantity) == (recoded["old_qty"], recoded["new_qty"])
    assert str(old_date) < recoded["from_date"] <= str(new_date)
    assert old_category != new_category
    assert (Decimal(weighed["qty"]), Decimal(weighed["amount"])) in [
        row[:2] for row in of(weighed["item_id"])
    ]


def test_a_lead_became_an_order_and_a_machine_was_repaired_twice(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    steps = [
        row for row in stories["lead_to_customer"]["steps"] if row["opportunity_id"] == "OP-STORY"
    ]
    planted = {row["to_stage"]: date.fromisoformat(row["changed_date"]) for row in steps}
    assert simulated.query(
        """
        select contract_date, order_date, goods_delivered_date, paid_date, opportunity_amount,
            link.source_id
        from core.fct_sales_pipeline
        inner join core.xref_customer_identity as link using (customer_id)
        where opportunity_id = 'OP-STORY' and link.source_system = 'crm'
        """
    ) == [
        (
            *(planted[stage] for stage in ("contract", "order", "delivered", "paid")),
            Decimal(steps[0]["amount"]),
            steps[0]["customer"],
        )
    ]
    (serial,) = stories["warranty"]["serial"]
    first, second = (date.fromisoformat(serial[name]) for name in ("first_repair", "second_repair"))
    assert simulated.query(
        "select sold_date, repair_count, first_repair_date, last_repair_date "
        f"from core.fct_asset_lifecycle where serial_ref = '{serial['serial_no']}'"
    ) == [(date.fromisoformat(serial["sold_date"]), serial["repairs"], first, second)]
    assert simulated.query(
        "select case_opened_date, previous_repair_days from core.fct_repair "
        f"where serial_ref = '{serial['serial_no']}' order by 1"
    ) == [(first, None), (second, (second - first).days)]


def test_the_dead_sensor_the_target_and_the_store_days_are_as_planted(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    (dead,) = stories["sensor_broken"]["day"]
    assert simulated.query(
        "select distinct store_id, business_date from core.fct_traffic where not is_sensor_sound"
    ) == [(dead["store_id"], date.fromisoformat(dead["business_date"]))]
    (target,) = stories["target_attainment"]["store"]
    ((attained,),) = simulated.query(
        f"""
        select sold.net_amount / sum(target_amount) from core.fct_target
        cross join (
            select sum(net_amount) as net_amount from core.fct_sales
            where store_id = '{target["store_id"]}' and business_date >= date '2024-01-28'
        ) as sold
        where store_id = '{target["store_id"]}' and metric_code = 'net_sales'
        group by sold.net_amount
        """
    )
    assert attained == pytest.approx(target["attainment"])

    days = {row["fault"]: row for row in stories["store_day_faults"]["store_days"]}
    sold = dict(
        simulated.query("select (store_id, business_date), net_amount from core.fct_sales_day")
    )
    for fault in ("duplicated_store_day", "late_store_day"):
        day = days[fault]
        key = (day["store_id"], date.fromisoformat(day["business_date"]))
        assert sold[key] == Decimal(day["net_sales"]), fault
    assert missing_store_day(stories) not in sold
    late = days["late_store_day"]["business_date"]
    assert simulated.query("select distinct last_date from meta.late_file") == [
        (date.fromisoformat(late),)
    ]
    assert simulated.query(
        "select late_file_count, missing_store_day_count from meta.feed_status "
        "where feed_code = 'pos_line'"
    ) == [(1, 1)]


def test_a_store_day_tells_what_its_feeds_told_and_where_one_was_silent(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    (dead,) = stories["sensor_broken"]["day"]
    rows = simulated.query(
        """
        select store_id, period_start_date, visitor_count, conversion_rate
        from marts.store_performance
        where period_grain = 'day' and traffic_status = 'no feed' and transaction_count > 0
            and period_start_date >= date '2024-01-28'
        """
    )
    assert rows == [(dead["store_id"], date.fromisoformat(dead["business_date"]), None, None)]
    # Four people come in for each receipt, and one in each half-hour: less than a quarter buys.
    ((lowest, highest),) = simulated.query(
        "select min(conversion_rate), max(conversion_rate) from marts.store_performance"
    )
    assert 0 < lowest <= highest < 0.25
    (target,) = stories["target_attainment"]["store"]
    ((attained,),) = simulated.query(
        f"""
        select sum(net_amount) / sum(target_net_amount) from marts.store_performance
        where period_grain = 'day' and store_id = '{target["store_id"]}'
            and target_status = 'ok'
        """
    )
    assert attained == pytest.approx(target["attainment"])
    (drawer,) = stories["cash_difference"]["drawer"]
    assert simulated.query(
        """
        select store_id, period_start_date, drawer_difference_amount
        from marts.store_performance
        where period_grain = 'day' and drawer_difference_amount <> 0
        """
    ) == [
        (
            drawer["store_id"],
            date.fromisoformat(drawer["business_date"]),
            Decimal(drawer["difference"]),
        )
    ]


def test_what_a_store_lost_while_oat_drinks_were_out_stands_in_its_period(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    (item,) = stories["stock_out"]["item"]
    # Twenty units at 2.40 each, in two weeks of one fiscal period; nobody else lost anything.
    for grain in ("week", "period"):
        assert simulated.query(
            f"""
            select store_id, sum(lost_net_amount) from marts.store_performance
            where period_grain = '{grain}' and lost_net_amount > 0 group by store_id
            """
        ) == [(item["store_id"], item["lost_units"] * Decimal("2.40"))]


def test_a_stores_stock_is_that_of_its_items_written_out_by_day(simulated: Retailer) -> None:
    written_out = """
        select store_id, date_day as period_start_date,
            sum(stock_cost_amount) as stock_cost_amount,
            count(*) filter (where is_ranged) as ranged_item_day_count,
            count(*) filter (where is_out_of_stock) as stock_out_item_day_count
        from core.fct_inventory_snapshot
        inner join core.dim_date on date_day between from_date and to_date
        where not is_snapshot_missing
        group by all
    """
    shrunk = """
        select movement.store_id, movement.business_date as period_start_date,
            sum(-movement_quantity * retail_price_amount) as shrink_amount
        from core.fct_stock_movement as movement
        inner join core.fct_inventory_snapshot as inventory
            on movement.store_id = inventory.store_id
            and movement.product_id = inventory.product_id
            and business_date between from_date and to_date
        where movement_type_code = 'shrink'
        group by all
    """
    ((different, shown, outs, lost),) = simulated.query(
        f"""
        select
            count(*) filter (
                where abs(average_stock_cost_amount - stock_cost_amount) > 1e-6
                or performance.ranged_item_day_count <> stock.ranged_item_day_count
                or performance.stock_out_item_day_count <> stock.stock_out_item_day_count
                or coalesce(performance.shrink_amount, 0) <> coalesce(shrunk.shrink_amount, 0)
                or (stock.store_id is null) <> (stock_status = 'no feed')
            ),
            count(average_stock_cost_amount),
            sum(performance.stock_out_item_day_count),
            sum(performance.shrink_amount)
        from marts.store_performance as performance
        left join ({written_out}) as stock using (store_id, period_start_date)
        left join ({shrunk}) as shrunk using (store_id, period_start_date)
        where period_grain = 'day' and transaction_count > 0
        """
    )
    assert different == 0
    assert shown > 100
    assert outs >= 10
    assert lost > 0


def test_cohorts_have_to_earn_back_what_it_cost_to_win_them(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    planted = [
        (date.fromisoformat(row["cohort_month"]), Decimal(row["acquisition_cost"]))
        for row in stories["value_curve"]["months"]
    ]
    assert (
        simulated.query(
            "select distinct cohort_month, acquisition_cost_amount from marts.clv_curve "
            "where acquisition_cost_amount > 0 order by 1"
        )
        == planted
    )
    assert (
        simulated.query(
            "select month_start_date, acquisition_cost_amount from marts.retention_economics "
            "where acquisition_cost_amount > 0 order by 1"
        )
        == planted
    )
    # Nobody got a letter of it, and what it cost is no cost to serve.
    assert simulated.query(
        """
        select spend_code, sum(campaign_day_cost_amount) from core.fct_campaign_cost
        inner join core.dim_campaign using (campaign_key) group by all order by 1
        """
    ) == [("acquisition", 400), ("other", 800), ("retention", 20)]
    broken_even, early = simulated.query(
        """
        select count_if(tenure_month = break_even_tenure_month and cumulative_value_amount < 0),
            count_if(tenure_month < break_even_tenure_month and cumulative_value_amount >= 0)
        from marts.clv_curve
        """
    )[0]
    assert (broken_even, early) == (0, 0)


def test_who_stayed_away_and_came_again_is_won_back(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    visits = [
        date.fromisoformat(row["business_date"]) for row in stories["won_back_customer"]["visits"]
    ]
    gaps = sorted((after - before).days for before, after in pairwise(visits))
    cycle = median(gaps)
    customer = f"""
        select customer_id from core.xref_customer_identity
        where source_id = '{stories["won_back_customer"]["visits"][0]["customer_ref"]}'
    """
    assert simulated.query(
        f"select cycle_days, cycle_source_code from marts.customer_cycle "
        f"where customer_id in ({customer})"
    ) == [(cycle, "own")]
    lapsed = visits[-2] + timedelta(days=int(3 * cycle) + 1)
    assert simulated.query(
        f"""
        select lifecycle_stage_code, valid_from_date, valid_to_date from marts.customer_lifecycle
        where customer_id in ({customer}) order by valid_from_date
        """
    ) == [
        ("prospect", date(1900, 1, 1), visits[0] - timedelta(days=1)),
        ("new", visits[0], lapsed - timedelta(days=1)),
        ("lapsed", lapsed, visits[-1] - timedelta(days=1)),
        ("won_back", visits[-1], date(9999, 12, 31)),
    ]
    # In the one matrix that has both: the month in which nothing came of it.
    ((stayed,),) = simulated.query(
        "select sum(customer_count) from marts.lifecycle_transition "
        "where month_start_date = date '2024-03-01' and from_stage_code = 'lapsed'"
    )
    assert stayed >= 1


def test_who_was_planted_is_scored_by_what_was_planted_of_him(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    (lost,) = stories["lost_key_customer"]["sales"]
    (slipping,) = stories["key_customer_slipping"]["customer"]
    (hotel,) = stories["next_purchase"]["hotel"]
    (inn,) = stories["next_purchase"]["inn"]
    bought = {
        lost["customer_ref"]: (lost["receipts"], lost["net_sales"]),
        slipping["customer_ref"]: (slipping["purchase_days"], slipping["net_sales"]),
        hotel["customer_ref"]: (hotel["trips"], hotel["net_sales"]),
        inn["customer_ref"]: (inn["trips"], inn["net_sales"]),
    }
    found = {
        row[0]: row[1:]
        for row in simulated.query(
            f"""
            select distinct link.source_id, rfm.frequency_days, rfm.monetary_amount,
                summary.frequency_count, rfm.last_purchase_date, rfm.segment_code,
                priority.is_lost_key, priority.priority_rank
            from marts.rfm
            inner join marts.btyd_summary as summary using (customer_id)
            inner join marts.customer_priority as priority using (customer_id)
            inner join core.xref_customer_identity as link using (customer_id)
            where link.source_system = 'crm' and link.source_id in {tuple(bought)}
            """
        )
    }
    assert {ref: row[:3] for ref, row in found.items()} == {
        ref: (days, Decimal(net), days - 1) for ref, (days, net) in bought.items()
    }
    last, segment, is_lost_key, lost_rank = found[lost["customer_ref"]][3:]
    assert (last.isoformat(), segment, is_lost_key) == (lost["last_date"], "at_risk", True)
    last, segment, is_lost_key, slipping_rank = found[slipping["customer_ref"]][3:]
    assert (last.isoformat(), segment, is_lost_key) == (slipping["last_date"], "loyal", False)
    # Much is at risk with either; the inn came on its day.
    assert max(lost_rank, slipping_rank) < found[hotel["customer_ref"]][6]
    assert found[hotel["customer_ref"]][6] < found[inn["customer_ref"]][6]
    assert simulated.query(
        f"""
        select category_name, net_amount, trip_count, cycle_days
        from marts.household_habit as habit
        inner join core.dim_customer as dim on habit.household_id = dim.household_id
        inner join core.xref_customer_identity as link on dim.customer_id = link.customer_id
        where dim.is_current and link.source_id = '{hotel["customer_ref"]}'
        """
    ) == [(hotel["category"], Decimal(hotel["net_sales"]), hotel["trips"], hotel["cycle_days"])]


def test_customers_stand_in_the_quadrant_of_what_they_say_and_do(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    planted = {
        row["customer_ref"]: row["plant"].removeprefix("satisfaction_")
        for row in stories["satisfaction_loyalty"]["people"]
    }
    assert sorted(planted.values()) == ["captive", "defector", "loyal", "mercenary"]
    found = simulated.query(
        """
        select link.source_id, mart.quadrant_code
        from marts.satisfaction_loyalty as mart
        inner join core.xref_customer_identity as link using (customer_id)
        where mart.as_of_date = date '2024-04-06'
        """
    )
    assert planted.items() <= dict(found).items()


def test_who_was_helped_buys_more_and_who_was_not_stops(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    story = stories["complaint_outcome"]
    solved, unsolved = story["spend"]
    assert (solved["plant"], unsolved["plant"]) == ("complaint_resolved", "complaint_unresolved")
    told = [row["told_count"] for row in story["told"]]
    found = simulated.query(
        """
        select case_id, resolution_level_code, told_count, net_before_amount, net_after_amount,
            is_stopped, is_ripe
        from marts.complaint_outcome where case_id in ('CS-RESOLVED', 'CS-UNRESOLVED') order by 1
        """
    )

    def amounts(row: dict[str, Any]) -> tuple[Decimal, Decimal]:
        return Decimal(row["net_90_days_before"]), Decimal(row["net_90_days_after"])

    # 34 days are known on either side.
    assert found == [
        ("CS-RESOLVED", "full", told[0], *amounts(solved), False, False),
        ("CS-UNRESOLVED", "none", told[1], *amounts(unsolved), True, False),
    ]
    ((stopped,),) = simulated.query(
        "select stopped_count from marts.complaint_effect where resolution_level_code = 'none'"
    )
    assert stopped >= 1


def test_who_pays_late_has_a_worse_grade_than_who_pays_on_the_day(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    (late,) = [
        row
        for row in stories["d_four_customers"]["arrears_on_last_date"]
        if row["plant"] == "d_late_payer"
    ]
    found = {
        row[0]: row[1:]
        for row in simulated.query(
            """
            select distinct link.source_id, open_amount, overdue_amount, max_overdue_days,
                credit_score, credit_sales_amount, outstanding_days
            from marts.credit_grade
            inner join core.xref_customer_identity as link using (customer_id)
            where link.source_system = 'crm'
            """
        )
    }
    assert found[late["customer_ref"]][:3] == (
        Decimal(late["open_amount"]),
        Decimal(late["overdue_amount"]),
        late["most_days_late"],
    )
    # All that it ever bought is within 90 days, on account; all but the first invoice is open.
    assert found[late["customer_ref"]][4:] == (
        Decimal(late["credit_sales"]),
        pytest.approx(90 * float(late["open_amount"]) / float(late["credit_sales"])),
    )
    assert 60 < found[late["customer_ref"]][5] < 90
    scores = {customer: row[3] for customer, row in found.items()}
    assert len(scores) > 1
    assert all(
        scores[late["customer_ref"]] < score
        for customer, score in scores.items()
        if customer != late["customer_ref"]
    )


def test_advisers_are_told_each_sunday_whom_to_serve_and_of_nobody_who_did_not_allow_it(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    planted = [
        *stories["pregnancy"]["instructions"],
        *stories["fleet_account"]["reminder"],
        *stories["warranty"]["reminder"],
    ]
    found = simulated.query(
        """
        select distinct link.source_id, rule_id, service_due_date, service_week_start_date,
            employee_id
        from core.fct_service_instruction
        inner join core.xref_customer_identity as link using (customer_id)
        where link.source_system = 'crm' and is_issued
        """
    )
    assert sorted(found) == sorted(
        (
            row["customer_ref"],
            row["rule_id"],
            date.fromisoformat(row["due_date"]),
            date.fromisoformat(row["sunday"]),
            row["adviser"],
        )
        for row in planted
    )
    private = [
        p["customer_ref"] for p in stories["pregnancy"]["people"] if not p["has_health_consent"]
    ]
    assert len(private) == 1
    assert not {row[0] for row in found} & set(private)
    # Nobody speaks to them within 14 days of it.
    assert simulated.query(
        """
        select rule_id, employee_id, eligible_count, issued_count, coverage_rate, completion_rate
        from marts.service_worklist where rule_id in ('R1', 'R5', 'R6') order by 1
        """
    ) == [
        ("R1", "A001", 1, 1, 1.0, 0.0),
        ("R5", "A001", 2, 2, 1.0, 0.0),
        ("R6", "A007", 1, 1, 1.0, 0.0),
    ]


def test_who_may_be_offered_something_is_and_the_others_are_left_alone(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    def customers(story: str, part: str, plant: str | None = None) -> set[str]:
        return {
            row["customer_ref"] for row in stories[story][part] if plant in (None, row.get("plant"))
        }

    found = simulated.query(
        """
        select link.source_id, action_code, action_rank, action_reason
        from marts.next_best_action
        inner join core.xref_customer_identity as link using (customer_id)
        where link.source_system = 'crm'
        """
    )

    def offered(action: str) -> set[str]:
        return {ref for ref, code, *_ in found if code == action}

    assert offered("payment_reminder") == customers(
        "d_four_customers", "arrears_on_last_date", "d_late_payer"
    )
    assert customers("lost_key_customer", "sales") <= offered("win_back")
    assert customers("complaint_outcome", "spend", "complaint_unresolved") <= offered(
        "complaint_recovery"
    )
    assert not customers("complaint_outcome", "spend", "complaint_resolved") & offered(
        "complaint_recovery"
    )
    (warranty,) = [reason for _, code, _, reason in found if code == "warranty_ending"]
    assert warranty == "warranty of Heat pump dryer ends on 2024-04-10"
    (hotel,) = stories["next_purchase"]["hotel"]
    assert {
        (code, rank, reason) for ref, code, rank, reason in found if ref == hotel["customer_ref"]
    } == {
        (
            "replenish",
            1,
            f"{hotel['category']} each {hotel['cycle_days']} days, "
            f"last {hotel['days_since_last']} days ago",
        ),
        (
            "cross_sell",
            2,
            f"{hotel['offered_category']} is bought with {hotel['category']} "
            "5.7 times as often as by chance",
        ),
    }
    # What an answer brings is the margin of a mean trip: the hotel's own, and the inn's for beer.
    (inn,) = stories["next_purchase"]["inn"]
    ((rate,),) = simulated.query(
        "select sum(margin_amount) / sum(net_amount) from marts.customer_value "
        "where margin_amount is not null "
        "and month_end_date = (select max(month_end_date) from marts.customer_value)"
    )
    assert simulated.query(
        "select action_code, cast(action_margin_amount as double) from marts.next_best_action "
        "where action_code in ('replenish', 'cross_sell') order by all"
    ) == [
        ("cross_sell", pytest.approx(rate * float(inn["net_sales"]) / inn["trips"], abs=1e-3)),
        ("replenish", pytest.approx(rate * float(hotel["net_sales"]) / hotel["trips"], abs=1e-3)),
    ]
    # His complaint is open: he visits the branch, stays away, and is not to be written to.
    assert not customers("costly_channel", "person") & {ref for ref, *_ in found}
    # One in twenty is held out, by a hash of the number alone.
    held_out = "cast('0x' || left(md5('held out ' || customer_id), 15) as bigint) % 20 = 0"
    ((held, everybody, treated),) = simulated.query(
        f"""
        select count(*) filter ({held_out}), count(*),
            (select count(*) from marts.next_best_action where {held_out})
        from core.dim_customer where is_current and customer_key > 0
        """
    )
    assert 0.01 < held / everybody < 0.10
    assert treated == 0


def test_who_calls_is_known_by_the_hash_of_the_phone_within_milliseconds(
    simulated: Retailer, stories: dict[str, Any]
) -> None:
    records = stories["one_person_three_sources"]["records"]
    told = tuple(row["customer_ref"] for row in records)
    # Three ways to write one number are one hash.
    ((phone_hash, customer),) = simulated.query(
        f"select distinct phone_hash, customer_id from core.dim_customer_contact "
        f"where source_customer_ref in {told}"
    )
    seconds = []
    with duckdb.connect(str(simulated.published), read_only=True) as connection:
        for _ in range(9):
            began = time.perf_counter()
            rows = connection.execute(
                "select customer_id, field_sources, last_purchase_date, first_action_code, "
                "action_block_code, completeness_rate from marts.customer_360 where phone_hash = ?",
                [phone_hash],
            ).fetchall()
            seconds.append(time.perf_counter() - began)
        stored = connection.execute(
            "select phone_hash from marts.customer_360 order by rowid"
        ).fetchall()
    assert median(seconds) < 0.05
    # In the order of the hash: of a million customers one group of rows is read, not all.
    hashes = [value for (value,) in stored if value]
    assert hashes == sorted(hashes)
    assert [value for (value,) in stored[len(hashes) :] if value] == []

    ((found, sources, last_purchase, action, block, completeness),) = rows
    assert found == customer
    assert "customer_type=crm" in sources
    ((sold_last,),) = simulated.query(
        f"select max(business_date) from core.fct_basket where customer_id = '{customer}'"
    )
    assert last_purchase == sold_last
    assert (action is None) or (block is None)
    assert completeness >= 0.8
    assert simulated.query(
        "select count(*), count(distinct customer_id) from marts.customer_360"
    ) == (
        simulated.query(
            "select count(*), count(distinct customer_id) from core.dim_customer "
            "where is_current and customer_key > 0"
        )
    )


def test_a_customers_story_is_told_in_words(
    simulated: Retailer, stories: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILLHOUSE_HOME", str(simulated.settings.home))

    def explained(name: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["explain", "customer", name])
        return result.exit_code, result.output

    (late,) = [
        row
        for row in stories["d_four_customers"]["arrears_on_last_date"]
        if row["plant"] == "d_late_payer"
    ]
    exit_code, text = explained(late["customer_ref"])
    assert exit_code == 0
    for said in (
        "as of 2024-04-06",
        "value: tier ",
        "twelve months to 2024-03-31",
        "  contribution ",
        "  paying on time: ahead of 0% of the others",
        "next twelve months: no forecast (",
        "since last month:",
        "  net sales ",
        "  1. Remind of what is overdue by email: 7497.00 overdue, grade C (worth 8.87)",
    ):
        assert said in text, text
    # By our own number it is the same story, and no name is in it.
    customer = text.split()[1].rstrip(",")
    assert explained(customer) == (0, text)
    assert "Säumig" not in text

    (branch,) = stories["costly_channel"]["person"]
    assert "next: nothing (open complaint)" in explained(f"crm:{branch['customer_ref']}")[1]
    assert explained("nobody") == (1, "Error: the published build knows no customer 'nobody'\n")
