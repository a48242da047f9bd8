"""What is told of items in stores, night by night, is what a full build tells.

Stock comes late, is restated and never comes; so do sales. The models run as they are, without dbt.
"""

import random
from datetime import date, timedelta

import duckdb
import pytest
import rendered_models

FIRST_DAY = date(2026, 1, 4)
"""A Sunday, with which a fiscal week begins."""

MODELS = (
    "int_store_item__stocked",
    "store_item_rate",
    "store_item",
    "weekday_index",
    "promo_lift",
    "inventory_health",
)
STORES = ("A", "B")
ITEMS = ("milk", "cream", "bread")

TABLES = """
create table raw.ledger.changed_business_date (business_date date, is_fact_changed boolean);
create table raw.staging.stg_stock__snapshot (
    store_id text, product_id text, business_date date, on_hand_quantity int
);
create view raw.intermediate.int_stock__delivered as
select store_id, business_date, true as has_full_extract, false as has_changes
from raw.staging.stg_stock__snapshot group by all;
create table raw.seeds.stock_parameter as
select
    14 as min_in_stock_days, 0.3 as recurring_sold_day_rate, 4 as min_weekday_chi_square,
    7 as low_supply_days, 56 as over_supply_days, 28 as max_out_days, 5 as phantom_rate_multiple,
    0.1 as phantom_chance, 5 as min_promo_baseline_units;
create table warehouse.core.dim_date as
select
    day::date as date_day, isodow(day) as day_of_week_number,
    date '2026-01-04' + (7 * ((day::date - date '2026-01-04') // 7))::int as fiscal_week_start_date,
    date '2026-01-04' + (28 * ((day::date - date '2026-01-04') // 28))::int
        as fiscal_period_start_date
from unnest(range(date '2026-01-04', date '2026-12-01', interval 1 day)) as t (day);
create table warehouse.core.dim_store as
select
    row_number() over () as store_key, unnest(['A', 'B']) as store_id,
    date '1900-01-01' as valid_from_date, date '9999-12-31' as valid_to_date, true as is_current;
create table warehouse.core.dim_product as
select
    row_number() over () as product_key, unnest(['milk', 'cream', 'bread']) as product_id,
    unnest(['Dairy', 'Dairy', 'Bakery']) as category_name, date '1900-01-01' as valid_from_date,
    date '9999-12-31' as valid_to_date, true as is_current;
create table warehouse.core.fct_sales (
    store_id text, product_id text, product_key int, business_date date, line_type text,
    quantity int,
    net_amount decimal(18, 4), margin_amount decimal(18, 4),
    unit_count int as (quantity), receipt_id text as (store_id || business_date),
    line_discount_amount int as (0)
);
create view warehouse.core.fct_basket as
select receipt_id, business_date, sum(margin_amount) as margin_amount
from warehouse.core.fct_sales group by all;
create table warehouse.core.fct_promo_coverage (
    promotion_id text, store_id text, product_id text, from_date date, to_date date
);
create view warehouse.core.fct_sales_day as
select store_id, business_date, store_id = 'B' and isodow(business_date) = 4 as is_rolled
from warehouse.core.fct_sales group by all;
create view warehouse.core.fct_sales_week as
select
    store_id, product_id, fiscal_week_start_date, sum(quantity) as quantity,
    sum(quantity) as unit_count, sum(net_amount) as net_amount, sum(margin_amount) as margin_amount
from warehouse.core.fct_sales
inner join warehouse.core.dim_date on business_date = date_day
group by all;
create table warehouse.core.fct_stock_movement (
    store_id text, product_id text, business_date date, movement_type_code text,
    movement_quantity int
);
create view warehouse.core.fct_inventory_snapshot as
select
    store_id, product_id, fiscal_period_start_date, on_hand_quantity,
    min(business_date) as from_date, max(business_date) as to_date, true as is_ranged,
    on_hand_quantity = 0 as is_out_of_stock, 0 as safety_stock_quantity, 0 as residual_quantity,
    2 * on_hand_quantity as stock_cost_amount, 3 * on_hand_quantity as stock_retail_amount
from (
    select
        *,
        business_date - row_number() over (
            partition by store_id, product_id, on_hand_quantity, fiscal_period_start_date
            order by business_date
        )::int as run
    from raw.staging.stg_stock__snapshot
    inner join warehouse.core.dim_date on business_date = date_day
) as followed
group by store_id, product_id, fiscal_period_start_date, on_hand_quantity, run;
"""


class Nights:
    """Deliveries by date, and what is told of them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.random = random.Random(3)
        self.stock = {(store, item): 5 for store in STORES for item in ITEMS}
        connection.execute(TABLES)
        keys = dict.fromkeys(MODELS, "fiscal_week_start_date") | {"promo_lift": "from_date"}
        self.models = rendered_models.Replaced(connection, keys)
        self.models.build()

    def deliver(self, day: date) -> None:
        """Replace all that is known of a date by another draw, or by nothing."""
        draw = self.random
        for table in (
            "raw.staging.stg_stock__snapshot",
            "warehouse.core.fct_sales",
            "warehouse.core.fct_stock_movement",
        ):
            self.connection.execute(f"delete from {table} where business_date = ?", [day])
        for store in STORES:
            if draw.random() < 0.9:
                for item in ITEMS:
                    if draw.random() < 0.9:
                        self._stock(store, item, day)
            if draw.random() < 0.9:
                for item in ITEMS:
                    if draw.random() < 0.4:
                        self._sell(store, item, day)

    def offer(self, day: date) -> list[date]:
        """Put an item on offer for a week from a day on, and return the days."""
        store, item = self.random.choice(STORES), self.random.choice(ITEMS)
        days = [day + timedelta(days=number) for number in range(7)]
        self.connection.execute(
            "insert into warehouse.core.fct_promo_coverage values ('P', ?, ?, ?, ?)",
            [store, item, days[0], days[-1]],
        )
        return days

    def night(self, changed: list[date]) -> dict[str, set[date]]:
        """Run a night, and say which weeks of each model it replaced."""
        self.models.change(changed)
        return {model: self.models.replace(model) for model in MODELS}

    def _stock(self, store: str, item: str, day: date) -> None:
        if self.random.random() < 0.3:
            self.stock[store, item] = self.random.choice([0, 5, 6])
        self.connection.execute(
            "insert into raw.staging.stg_stock__snapshot values (?, ?, ?, ?)",
            [store, item, day, self.stock[store, item]],
        )
        if self.random.random() < 0.1:
            self.connection.execute(
                "insert into warehouse.core.fct_stock_movement values (?, ?, ?, 'receipt', 4)",
                [store, item, day],
            )

    def _sell(self, store: str, item: str, day: date) -> None:
        quantity = self.random.choice([1, 2, 3])
        margin = self.random.choice([None, quantity])
        self.connection.execute(
            "insert into warehouse.core.fct_sales values (?, ?, ?, ?, 'sale', ?, ?, ?)",
            [store, item, 1 + ITEMS.index(item), day, quantity, 3 * quantity, margin],
        )


@pytest.fixture
def nights(attached: duckdb.DuckDBPyConnection) -> Nights:
    return Nights(attached)


def test_whatever_is_delivered_in_whatever_order_a_night_tells_what_a_full_build_would(
    nights: Nights,
) -> None:
    drawn = nights.random
    arrived = 0
    for _ in range(25):
        # A run of new days, of which some are left out, and now and then an old one.
        newest = [arrived + number for number in range(drawn.choice([1, 1, 2, 9]))]
        arrived = newest[-1] + 1
        numbers = [number for number in newest if drawn.random() < 0.95]
        if drawn.random() < 0.25:
            numbers.append(drawn.randrange(arrived))
        days = [FIRST_DAY + timedelta(days=number) for number in numbers]
        for day in days:
            nights.deliver(day)
        if drawn.random() < 0.3:
            days += nights.offer(FIRST_DAY + timedelta(days=arrived - drawn.randrange(20)))
        nights.night(days)
        assert nights.models.differences() == []
    assert arrived > 60
    rates = nights.connection.execute(
        "select count(*), count(distinct rate_source_code) from warehouse.marts.store_item_rate"
    )
    assert rates.fetchone() > (30, 1)


def test_a_night_replaces_its_week_and_a_late_day_the_eight_weeks_after_it(nights: Nights) -> None:
    days = [FIRST_DAY + timedelta(days=number) for number in range(85)]
    for day in days:
        nights.deliver(day)
    nights.night(days)
    week = [FIRST_DAY + timedelta(weeks=number) for number in range(13)]
    # The 85th day is the first of the 13th week, whose rates were made with it.
    nights.deliver(days[-1] + timedelta(days=1))
    assert nights.night([days[-1] + timedelta(days=1)]) == {
        # It goes on with what stands.
        "int_store_item__stocked": set(),
        "store_item_rate": set(),
        "store_item": {week[12]},
        "weekday_index": set(),
        "promo_lift": set(),
        "inventory_health": set(),
    }
    nights.deliver(week[1] + timedelta(days=2))
    assert nights.night([week[1] + timedelta(days=2)]) == {
        "int_store_item__stocked": {week[1]},
        "store_item_rate": set(week[2:10]),
        "store_item": set(week[1:10]),
        "weekday_index": nights.models.standing("weekday_index") & set(week[2:10]),
        "promo_lift": set(),
        # An offer that the day is held against may end twelve weeks after it, and counts for eight.
        "inventory_health": set(week[1:]),
    }
    assert nights.models.differences() == []


def test_a_night_tells_anew_what_changed_and_lets_the_rest_of_its_week_last(
    nights: Nights,
) -> None:
    # On Thursdays store B is known no more: its milk lies on, without a day more in stock.
    told = []
    for number in range(7):
        day = FIRST_DAY + timedelta(days=number)
        nights.connection.execute(
            "insert into raw.staging.stg_stock__snapshot select store_id, product_id, $day, "
            "if(store_id || product_id = 'Abread', $number, 5) "
            "from unnest(['A', 'B']) as stores (store_id) "
            "cross join unnest(['milk', 'cream', 'bread']) as items (product_id) "
            "where product_id <> 'cream' or $number < 3",
            {"day": day, "number": number},
        )
        nights.connection.execute(
            "insert into warehouse.core.fct_sales "
            "select unnest(['A', 'B']), 'bread', 3, $day, 'sale', 1, 3, 1",
            {"day": day},
        )
        nights.models.change([day])
        for model in MODELS:
            nights.models.replace(model)
            if model == "inventory_health":
                told += nights.connection.execute(
                    "select count(*), list(distinct product_id order by product_id) from told"
                ).fetchall()
        assert nights.models.differences() == []
    # Bread sells, of store A by another span a day; cream is gone on Wednesday, and gone is gone.
    assert told == [
        (6, ["bread", "cream", "milk"]),
        (3, ["bread"]),
        (4, ["bread"]),
        (7, ["bread", "cream"]),
        (6, ["bread"]),
        (7, ["bread"]),
        (8, ["bread"]),
    ]


def test_what_is_lost_on_offer_follows_the_baseline_of_offers_that_ended_before(
    nights: Nights,
) -> None:
    # Cream sells one a day for weeks, then six in three and in that of its offer; milk sells one a
    # day until it is out on the 98th, on offer, when what an offer of dairy is worth is lost.
    nights.connection.execute(
        """
        insert into warehouse.core.fct_sales
        select
            'A', item, 1, date '2026-01-04' + day, 'sale',
            case when item = 'cream' and day between 49 and 76 then 6 else 1 end, 3, 1
        from unnest(range(98)::int[]) as days (day)
        cross join (values ('milk'), ('cream')) as items (item)
        where item = 'cream' or day < 97;
        insert into raw.staging.stg_stock__snapshot
        select 'A', 'milk', date '2026-01-04' + day, case when day = 97 then 0 else 5 end
        from unnest(range(98)::int[]) as days (day);
        insert into warehouse.core.fct_promo_coverage
        values
            ('P', 'A', 'cream', '2026-03-15', '2026-03-21'),
            ('P', 'A', 'milk', '2026-04-11', '2026-04-11');
        """
    )
    nights.night([FIRST_DAY + timedelta(days=number) for number in range(98)])
    lost = "select sum(lost_units) from warehouse.marts.inventory_health"
    assert nights.connection.execute(lost).fetchall() == [(6,)]
    # Two more of the eight weeks, ten weeks before, sold six a day: now most of them did.
    late = [FIRST_DAY + timedelta(days=number) for number in range(14, 28)]
    nights.connection.execute(
        "update warehouse.core.fct_sales set quantity = 6 "
        "where product_id = 'cream' and business_date between ? and ?",
        [late[0], late[-1]],
    )
    nights.night(late)
    assert nights.connection.execute(lost).fetchall() == [(1,)]
    assert nights.models.differences() == []
