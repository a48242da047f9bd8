"""What is told of offers, night by night, is what a full build tells.

Sales come late and are restated, offers are entered and taken back, and the chain closes for weeks.
The model runs as it is, without dbt.
"""

import random
from datetime import date, timedelta

import duckdb
import pytest
import rendered_models

FIRST_DAY = date(2026, 1, 4)
"""A Sunday, with which a fiscal week begins."""

ITEMS = {"milk": "Dairy", "cream": "Dairy", "curd": "Dairy", "bread": "Bakery", "rolls": "Bakery"}

TABLES = """
create table raw.ledger.changed_business_date (business_date date, is_fact_changed boolean);
create table raw.intermediate.int_stock__delivered (
    store_id text, business_date date, has_full_extract boolean, has_changes boolean
);
create table warehouse.core.dim_date as
select
    day::date as date_day,
    date '2026-01-04' + (7 * ((day::date - date '2026-01-04') // 7))::int as fiscal_week_start_date
from unnest(range(date '2025-06-01', date '2027-06-01', interval 1 day)) as t (day);
create table warehouse.core.dim_product (product_id text, category_name text, is_current boolean);
create table warehouse.core.fct_sales (
    store_id text, product_id text, business_date date, receipt_id text, line_type text,
    unit_count int, net_amount decimal(18, 4), margin_amount decimal(18, 4),
    line_discount_amount decimal(18, 4)
);
create view warehouse.core.fct_basket as
select
    receipt_id, business_date,
    case when bool_and(margin_amount is not null) then sum(margin_amount) end as margin_amount
from warehouse.core.fct_sales
group by all;
create view warehouse.core.fct_sales_day as
select store_id, business_date, false as is_rolled from warehouse.core.fct_sales group by all;
create table warehouse.core.fct_promo_coverage (
    promotion_id text, store_id text, product_id text, from_date date, to_date date
);
create table out_day (store_id text, product_id text, business_date date);
create view warehouse.marts.store_item as
select
    store_id, product_id, fiscal_week_start_date, sum(unit_count) as unit_count,
    sum(net_amount) as net_amount, sum(margin_amount) as margin_amount,
    sum(missing) as out_day_count
from (
    select store_id, product_id, business_date, unit_count, net_amount, margin_amount, 0 as missing
    from warehouse.core.fct_sales
    union all
    select store_id, product_id, business_date, 0, 0, null, 1 from memory.out_day
) as told
inner join warehouse.core.dim_date on business_date = date_day
group by all;
"""


class Nights:
    """What is known of dates and offers, and what is told of them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.random = random.Random(8)
        connection.execute(TABLES)
        connection.execute(
            "insert into warehouse.core.dim_product select unnest($1), unnest($2), true",
            [list(ITEMS), list(ITEMS.values())],
        )
        self.offers: list[tuple[str, str, str, date, date]] = []
        self.models = rendered_models.Replaced(connection, {"promo_lift": "from_date"})
        self.models.build()

    def deliver(self, day: date) -> None:
        """Replace all that is known of a date by another draw."""
        draw = self.random
        for table in ("warehouse.core.fct_sales", "out_day"):
            self.connection.execute(f"delete from {table} where business_date = ?", [day])
        lines, missing = [], []
        for store in "AB":
            if draw.random() < 0.1:
                continue
            for item in ITEMS:
                if draw.random() < 0.005:
                    missing.append((store, item, day))
                elif draw.random() < 0.6:
                    lines += self._lines(store, item, day)
        self._insert("warehouse.core.fct_sales", lines)
        self._insert("out_day", missing)

    def offer(self, first_day: date, day_count: int) -> set[date]:
        """Enter an offer, and return its days."""
        draw = self.random
        last_day = first_day + timedelta(days=day_count - 1)
        promotion, store, item = draw.choice("PQ"), draw.choice("AB"), draw.choice(list(ITEMS))
        self._insert(
            "warehouse.core.fct_promo_coverage", [(promotion, store, item, first_day, last_day)]
        )
        self.offers.append((promotion, store, item, first_day, last_day))
        return {first_day + timedelta(days=number) for number in range(day_count)}

    def take_back(self) -> set[date]:
        """Take an offer back, and return its days."""
        offer = self.offers.pop(self.random.randrange(len(self.offers)))
        self.connection.execute(
            "delete from warehouse.core.fct_promo_coverage "
            "where (promotion_id, store_id, product_id, from_date, to_date) = (?, ?, ?, ?, ?)",
            list(offer),
        )
        *_, first_day, last_day = offer
        return {first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1)}

    def night(self, changed: set[date]) -> set[date]:
        """Run a night, and say of which first days it replaced offers."""
        self.models.change(changed)
        return self.models.replace("promo_lift")

    def _lines(self, store: str, item: str, day: date) -> list[tuple]:
        units, receipt = self.random.choice([1, 1, 2, 3]), self.random.choice([1, 2, 3])
        margin = self.random.choice([None, *(30 * [units, 2 * units])])
        sale = "return" if self.random.random() < 0.03 else "sale"
        sign = -1 if sale == "return" else 1
        amounts = [None if amount is None else sign * amount for amount in (3 * units, margin, 1)]
        return [(store, item, day, f"{store}{day}{receipt}", sale, sign * units, *amounts)]

    def _insert(self, table: str, rows: list[tuple]) -> None:
        if rows:
            places = ", ".join(f"({', '.join('?' for _ in row)})" for row in rows)
            values = [value for row in rows for value in row]
            self.connection.execute(f"insert into {table} values {places}", values)


@pytest.fixture
def nights(attached: duckdb.DuckDBPyConnection) -> Nights:
    return Nights(attached)


def test_whatever_is_delivered_in_whatever_order_a_night_tells_what_a_full_build_would(
    nights: Nights,
) -> None:
    drawn = nights.random
    arrived = 0
    for _ in range(16):
        # A run of new days, at times after weeks in which the chain was closed, and now and then an
        # old one; an offer that is to come or has been, and one that never was.
        arrived += drawn.choice([0, 0, 0, 20])
        numbers = list(range(arrived, arrived + drawn.choice([1, 7, 14, 30])))
        arrived = numbers[-1] + 1
        if drawn.random() < 0.5:
            numbers += [drawn.randrange(arrived) for _ in range(3)]
        days = {FIRST_DAY + timedelta(days=number) for number in numbers}
        for day in sorted(days):
            nights.deliver(day)
        for _ in range(3):
            number = drawn.randrange(max(1, arrived - 30), arrived + 15)
            days |= nights.offer(
                FIRST_DAY + timedelta(days=number), drawn.choice([1, 4, 7, 7, 9, 30])
            )
        if drawn.random() < 0.3:
            days |= nights.take_back()
        nights.night(days)
        assert nights.models.differences() == []
    judged = nights.connection.execute(
        "select count(baseline_quantity), count(margin_return_rate), "
        "count(nullif(cannibalised_quantity, 0)), count(nullif(halo_margin_amount, 0)) "
        "from warehouse.marts.promo_lift"
    ).fetchone()
    assert judged is not None
    assert all(found > 5 for found in judged), judged


def test_a_night_replaces_offers_that_may_be_seen_from_its_date_and_no_others(
    nights: Nights,
) -> None:
    days = [FIRST_DAY + timedelta(days=number) for number in range(220)]
    for day in days:
        nights.deliver(day)
    for number in [*range(70, 95), *range(180, 205)]:
        nights.offer(days[number], 1)
    nights.night(set(days))
    nights.connection.execute(
        "create table standing as select *, rowid from warehouse.marts.promo_lift"
    )
    changed = days[130]
    nights.deliver(changed)
    nights.connection.execute("update warehouse.core.fct_sales set unit_count = unit_count + 1")
    nights.models.change({changed})
    nights.models.replace("promo_lift")
    ((first, last),) = nights.connection.execute(
        "select min(from_date), max(from_date) from ("
        "from warehouse.marts.promo_lift except select * exclude (rowid) from standing)"
    ).fetchall()
    # The trading day before it, six days of a week, 28 of an offer and 14 after it; 56 days, six
    # days and one, since stock is seen a day later.
    assert changed - timedelta(days=49) <= first < changed - timedelta(days=45)
    assert changed + timedelta(days=59) < last <= changed + timedelta(days=63)


def test_an_offer_that_ended_while_the_chain_was_closed_is_told_when_it_opens(
    nights: Nights,
) -> None:
    days = [FIRST_DAY + timedelta(days=number) for number in range(171)]
    for day in days[:100]:
        nights.deliver(day)
    offered = set().union(*(nights.offer(days[95], 14) for _ in range(5)))
    nights.night({*days[:100], *offered})
    nights.deliver(days[170])
    assert nights.night({days[170]}) == {days[95]}
    assert nights.models.differences() == []


def test_an_offer_is_told_whole_though_a_date_long_before_it_changed(nights: Nights) -> None:
    days = [FIRST_DAY + timedelta(days=number) for number in range(130)]
    for day in days:
        nights.deliver(day)
    for number in (95, 96, 97, 98, 99, 100, 101, 102):
        nights.offer(days[number], 14)
    nights.night(set(days))
    nights.deliver(days[40])
    nights.night({days[40]})
    assert nights.models.differences() == []
