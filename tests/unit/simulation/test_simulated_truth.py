"""What the simulated files say holds together, and the stories stand in them as the key says.

Everything here is counted from loaded files; the answer key was worked out from the drawn world.
"""

import json
import math
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.simulation.scale import SCALES
from pipelines.simulation.world import SQL, set_variables

pytestmark = pytest.mark.slow

TILL = "store_id, workstation_id, business_date"
RECEIPT = f"{TILL}, transaction_seq"


def test_receipts_foot(loaded: Any) -> None:
    """Lines after line discounts, less basket discounts, are the header's net; tax adds up too."""
    wrong = loaded.rows(
        f"""
        with line as (
            select {RECEIPT}, sum(extended_amount) as net, sum(tax_amount) as tax
            from counted.pos_line where not void_flag or void_flag is null group by all
        ),
        basket as (
            select {RECEIPT}, sum(amount) as discount
            from counted.pos_discount where scope = 'basket' group by all
        )
        select * from counted.pos_transaction as receipt
        left join line using ({RECEIPT})
        left join basket using ({RECEIPT})
        where total_net <> coalesce(net, 0) - coalesce(discount, 0)
            or total_tax <> coalesce(tax, 0)
            or total_gross <> total_net + total_tax
        """
    )
    baskets = loaded.rows("select count(*) from counted.pos_discount where scope = 'basket'")
    assert wrong == []
    assert baskets[0][0] > 0


def test_every_line_and_tender_has_a_receipt(loaded: Any) -> None:
    for feed in ("pos_line", "pos_tender", "pos_discount"):
        orphans = loaded.rows(
            f"from counted.{feed} as part anti join counted.pos_transaction as receipt "
            f"using ({RECEIPT})"
        )
        assert orphans == [], feed


def test_tenders_less_change_pay_the_receipt(loaded: Any) -> None:
    wrong = loaded.rows(
        f"""
        select * from counted.pos_transaction
        left join (
            select {RECEIPT}, sum(amount - change_amount) as paid
            from counted.pos_tender group by all
        ) using ({RECEIPT})
        where total_gross <> coalesce(paid, 0)
        """
    )
    assert wrong == []


def test_z_totals_are_the_net_sales_of_till_and_day(loaded: Any) -> None:
    """Gift cards, deposits, fees and donations are on receipts, but are no net sales."""
    wrong = loaded.rows(
        f"""
        with sold as (
            select {TILL}, sum(extended_amount) as net
            from counted.pos_line
            inner join counted.pos_transaction as receipt using ({RECEIPT})
            where not coalesce(void_flag, false) and line_type in ('sale', 'return')
                and receipt.txn_type in ('sale', 'return', 'exchange')
                and not coalesce(receipt.training_flag, false)
            group by all
        ),
        basket as (
            select {TILL}, sum(amount) as discount
            from counted.pos_discount where scope = 'basket' group by all
        )
        select z_total_net, net, discount, * from counted.register_session
        left join sold using ({TILL})
        left join basket using ({TILL})
        where z_total_net <> coalesce(net, 0) - coalesce(discount, 0)
        """
    )
    assert wrong == []


def test_net_sales_by_store_and_date_are_the_keys(loaded: Any, simulated_home: Path) -> None:
    key = simulated_home / "answer_key" / "net_sales_by_store_and_date.parquet"
    differing = loaded.rows(
        f"""
        select * from (
            select store_id, business_date, sum(z_total_net) as net
            from counted.register_session group by all
        ) as sold
        full join (
            select store_id, business_date, net_sales_amount as net from '{key}'
            where fault <> 'missing_store_day'
        ) as truth using (store_id, business_date)
        where coalesce(sold.net, 0) <> coalesce(truth.net, 0)
        """
    )
    assert differing == []


def test_receipt_numbers_have_no_gap(loaded: Any) -> None:
    gaps = loaded.rows(
        f"""
        select {TILL} from counted.pos_transaction where business_date >= '2024-01-28'
        group by all having max(transaction_seq) <> count(*)
        """
    )
    assert gaps == []


def check_digit(gtin: str) -> int:
    """By the standard's words: from the right, weights 3, 1, 3, 1 over all but the last digit."""
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(gtin[:-1])))
    return -total % 10


def test_gtins_have_fourteen_digits_and_a_right_check_digit(loaded: Any) -> None:
    codes = loaded.rows(
        "select gtin from counted.item union select gtin from counted.pos_line where gtin <> ''"
    )
    wrong = [g for (g,) in codes if len(g) != 14 or check_digit(g) != int(g[-1])]
    weighed = [g for (g,) in codes if g.startswith("02")]
    assert wrong == []
    assert check_digit("04006381333931") == 1
    assert weighed


def test_the_code_of_a_weighed_pack_holds_its_price(loaded: Any) -> None:
    gtin, amount = loaded.rows(
        "select gtin, extended_amount from counted.pos_line where item_id = '000012'"
    )[0]
    assert gtin[:3] == "020"
    assert gtin[3:8] == "00012"
    assert int(gtin[8:13]) == amount * 100


def test_the_stock_ledger_holds_but_for_the_phantom(loaded: Any) -> None:
    """Opening, movements and what the tills took make the last night's stock."""
    residuals = loaded.rows(
        """
        with movement as (
            select location_id, item_id, sum(qty) as qty from counted.stock_movement group by all
        ),
        sold as (
            select store_id as location_id, item_id, sum(
                case when line_type = 'return' then abs(qty) * cast(restock_flag as int)
                else -qty end) as qty
            from counted.pos_line
            inner join counted.pos_transaction as receipt
                using (store_id, workstation_id, business_date, transaction_seq)
            where not coalesce(void_flag, false) and line_type in ('sale', 'return')
                and not receipt.training_flag and business_date >= '2024-01-28'
            group by all
        )
        select opening.location_id, opening.item_id,
            closing.on_hand - opening.on_hand - coalesce(movement.qty, 0) - coalesce(sold.qty, 0)
                as residual
        from counted.stock_snapshot as opening
        inner join counted.stock_snapshot as closing using (location_id, item_id)
        left join movement using (location_id, item_id)
        left join sold using (location_id, item_id)
        where opening.business_date = '2024-01-27' and closing.business_date = '2024-04-06'
            and residual <> 0
        """
    )
    missing_day = {(place, item) for place, item, _ in residuals if place == "S002"}
    assert [row for row in residuals if row[0] != "S002"] == [("S001", "000004", 30)]
    # the store-day that never arrives took goods that no file tells of
    assert missing_day
    assert all(residual < 0 for place, _, residual in residuals if place == "S002")


def test_what_moved_is_in_the_stock_of_its_day(loaded: Any) -> None:
    """A file of changes that leaves out what a delivery brought says that it never came."""
    untold = loaded.rows(
        """
        select location_id, item_id, business_date from counted.stock_movement
        anti join counted.stock_snapshot using (location_id, item_id, business_date)
        """
    )
    assert untold == []


def test_an_open_store_sells_something_every_day(loaded: Any, answer_key: dict[str, Any]) -> None:
    """A day without a sale would be taken for one that never arrived."""
    quiet = loaded.rows(
        """
        select store_id, cast(business_date as text) from counted.calendar
        anti join counted.pos_line using (store_id, business_date)
        where is_open
        """
    )
    never_arrived = [
        (row["store_id"], row["business_date"])
        for row in answer_key["stories"]["store_day_faults"]["truth"]["store_days"]
        if row["fault"] == "missing_store_day"
    ]
    assert quiet == never_arrived


def test_no_shelf_is_below_zero(loaded: Any) -> None:
    assert loaded.rows("from counted.stock_snapshot where on_hand < 0") == []


def test_diapers_and_beer(loaded: Any, answer_key: dict[str, Any]) -> None:
    bought = loaded.rows(
        f"select {RECEIPT}, list(item_id) from counted.pos_line "
        "where item_id in ('000001', '000002') and business_date < '2024-03-03' group by all"
    )
    baskets = Counter(tuple(sorted(set(items))) for *_, items in bought)
    truth = answer_key["stories"]["diapers_and_beer"]["truth"]["pair"][0]
    assert baskets == {("000001", "000002"): 60, ("000001",): 15, ("000002",): 25}
    n_ab, n_a, n_b = (truth[f"baskets_with_{part}"] for part in ("both", "a", "b"))
    assert (n_ab, n_a, n_b) == (60, 75, 85)
    assert truth["baskets_with_a_sale"] * n_ab / (n_a * n_b) > 5


def test_the_price_point_has_its_elasticity(answer_key: dict[str, Any]) -> None:
    weeks = [
        row
        for row in answer_key["stories"]["price_point"]["truth"]["weeks"]
        if row["store_id"] == "S001"
    ]
    cheap, full = sorted(weeks, key=lambda row: row["unit_price"])
    units = [float(row["units"]) / row["weeks"] for row in (cheap, full)]
    assert units == [42, 21]
    slope = math.log(units[0] / units[1]) / math.log(1.60 / 2.00)
    assert slope == pytest.approx(-3.106, abs=0.001)


def test_complaints_end_in_more_and_in_none(loaded: Any, answer_key: dict[str, Any]) -> None:
    for row in answer_key["stories"]["complaint_outcome"]["truth"]["spend"]:
        before, after = loaded.rows(
            f"""
            select
                sum(extended_amount) filter (where business_date < '{row["case_opened"]}'),
                coalesce(sum(extended_amount)
                    filter (where business_date > '{row["case_opened"]}'), 0)
            from counted.pos_line where customer_ref = '{row["customer_ref"]}'
            """
        )[0]
        assert before == float(row["net_90_days_before"]) == 25
        assert (
            after == float(row["net_90_days_after"]) == (50 if "_resolved" in row["plant"] else 0)
        )


def test_some_buy_by_a_cycle_and_one_at_the_same_hour(
    loaded: Any, answer_key: dict[str, Any]
) -> None:
    visits = """
        from counted.pos_transaction as receipt inner join counted.pos_line as line
        using (store_id, workstation_id, transaction_seq, business_date)
        where line.customer_ref
    """
    people = answer_key["stories"]["purchase_cycle"]["truth"]["people"]
    for person in people:
        days = loaded.rows(
            f"select distinct business_date {visits} = '{person['customer_ref']}' order by 1"
        )
        gaps = {(day - before).days for (before,), (day,) in pairwise(days)}
        assert (len(days), gaps) == (person["purchase_days"], {person["cycle_days"]})
    assert [person["cycle_days"] for person in people] == [14, 4, 4]
    (habit,) = answer_key["stories"]["household_habit"]["truth"]["habit"]
    when = loaded.rows(
        f"""
        select
            isodow(business_date), count(*),
            hour(timezone('Atlantic/Canary', begin_ts at time zone 'UTC'))
        {visits} = '{habit["customer_ref"]}' group by all
        """
    )
    assert when == [(habit["iso_weekday"], habit["visits"], habit["local_hour"])]


def test_treated_customers_buy_two_packs_more(loaded: Any) -> None:
    heads = dict(
        loaded.rows(
            """
            select cell_id, sum(qty) / count(distinct customer_ref)
            from (
                select cell_id, customer_ref from counted.campaign_touch
                where campaign_id = 'CMP-EFFECT' and event = 'assigned'
            )
            inner join counted.pos_line using (customer_ref)
            inner join counted.campaign on campaign_id = 'CMP-EFFECT'
                and business_date between start_date and end_date
            group by all
            """
        )
    )
    assert heads == {"treated": 3, "control": 1}


def test_one_person_has_three_records_and_two_share_a_mail(loaded: Any) -> None:
    same = loaded.rows(
        "select source_system from counted.crm_customer where lower(family_name) = 'dreifach' "
        "group by all order by 1"
    )
    shared = loaded.rows(
        "select given_name from counted.crm_customer "
        "where email = 'familie.gemeinsam@example.net' group by all order by 1"
    )
    assert same == [("crm",), ("loyalty",), ("webshop",)]
    assert shared == [("Paula",), ("Peter",)]


def test_three_goods_are_bought_together_and_never_with_the_pair(loaded: Any) -> None:
    bought = loaded.rows(
        f"""
        select {RECEIPT}, list(item_id) from counted.pos_line
        where item_id in ('000001', '000002', '000009', '000015', '000016') group by all
        """
    )
    baskets = Counter(tuple(sorted(set(items))) for *_, items in bought)
    together = {items: number for items, number in baskets.items() if len(items) > 1}
    assert together == {("000001", "000002"): 60, ("000009", "000015", "000016"): 25}


def test_calls_surge_on_one_day_and_the_queue_is_as_the_hand_counts(loaded: Any) -> None:
    surge = loaded.rows(
        "select contact_date, count(*) from counted.contact_log "
        "where reason = 'card fee' group by all order by 1"
    )
    queue = loaded.rows(
        """
        select
            count(*) filter (where not blocked),
            count(*) filter (where answered_ts is not null),
            avg(epoch(answered_ts - start_ts)) filter (where answered_ts is not null),
            count(*) filter (where abandoned),
            count(*) filter (where blocked)
        from counted.contact_log where queue = 'warranty'
        """
    )
    # On the same weekday of the eight weeks before: mean 2, so that a surge has a measure.
    assert [count for _, count in surge] == [3, 1, 3, 1, 3, 1, 3, 1, 40]
    assert len({day.isoweekday() for day, _ in surge}) == 1
    assert str(surge[-1][0]) == "2024-04-03"
    assert queue == [(10, 8, 17.5, 2, 2)]


def test_last_year_by_aligned_date_is_not_last_year_by_calendar(
    loaded: Any, answer_key: dict[str, Any]
) -> None:
    """35 days of fiscal weeks 1 to 5; last year's line has 20 + n pieces at 4.00, n by the day."""
    aligned, by_calendar = loaded.rows(
        """
        select
            sum(extended_amount) filter (where business_date between '2023-02-05' and '2023-03-11'),
            sum(extended_amount) filter (where business_date between '2023-02-04' and '2023-03-09')
        from counted.pos_line where store_id = 'S001'
        """
    )[0]
    truth = answer_key["stories"]["year_of_53_weeks"]["truth"]["comparison"][0]
    first = (364 + 7 - 364) + 7
    assert aligned == 4 * sum(20 + first + day for day in range(35))
    assert aligned == float(truth["net_last_year_aligned"])
    assert by_calendar < aligned
    assert by_calendar <= float(truth["net_last_year_by_calendar"])


def test_health_consent_is_given_by_the_one_and_not_the_other(
    loaded: Any, answer_key: dict[str, Any]
) -> None:
    consents = {
        number
        for (number,) in loaded.rows(
            "select source_customer_id from counted.crm_consent where purpose = 'health'"
        )
    }
    for person in answer_key["stories"]["pregnancy"]["truth"]["people"]:
        assert (person["customer_ref"] in consents) == person["has_health_consent"]
    assert len(consents) == 2


def test_every_story_has_rows(answer_key: dict[str, Any]) -> None:
    empty = [
        f"{name}: {label}"
        for name, story in answer_key["stories"].items()
        for label, rows in story["truth"].items()
        if not rows or all(value is None for row in rows for value in row.values())
    ]
    assert empty == []
    assert json.dumps(answer_key["stories"])


def test_purchases_follow_the_parameters() -> None:
    """MBG/NBD: given rate l, dropout p and horizon T, (1 - p) / p (1 - exp(-l p T)) repeats."""
    connection = duckdb.connect()
    set_variables(connection, SCALES["small"], 7)
    for name in ("01_masters.sql", "02_customers.sql"):
        connection.execute((SQL / name).read_text(encoding="utf-8"))
    people = connection.execute(
        """
        select purchase_rate, leave_probability, getvariable('days') - joined_second / 86400,
            count(purchase.place) - 1
        from customer inner join purchase using (customer_no)
        group by customer_no, all
        """.replace("group by customer_no, all", "group by customer_no, 1, 2, 3")
    ).fetchall()
    rates, leaves, _, repeats = zip(*people, strict=True)
    expected = sum((1 - p) / p * (1 - math.exp(-rate * p * days)) for rate, p, days, _ in people)
    behaviour = SCALES["small"].behaviour
    count = SCALES["small"].customers
    assert len(people) == count
    assert sum(repeats) == pytest.approx(expected, rel=0.03)
    assert sum(rates) / count == pytest.approx(behaviour.r / behaviour.alpha, rel=0.05)
    assert sum(leaves) / count == pytest.approx(behaviour.a / (behaviour.a + behaviour.b), rel=0.05)


def test_spend_follows_the_parameters() -> None:
    """Gamma-Gamma: the mean of means is p v / (q - 1) = 4 x 52.5 / 3 = 70."""
    connection = duckdb.connect()
    set_variables(connection, SCALES["small"], 7)
    for name in ("01_masters.sql", "02_customers.sql"):
        connection.execute((SQL / name).read_text(encoding="utf-8"))
    (mean,) = connection.execute(
        "select avg(getvariable('p_spend') / spend_scale) from customer"
    ).fetchall()[0]
    assert mean == pytest.approx(70, rel=0.05)
