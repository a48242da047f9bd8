"""Days, weeks and periods of stores, night by night, are what a full build would find.

The models run as they are, without dbt: what a night costs here is its SQL.
"""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import duckdb
import pytest
import rendered_models

FIRST_DATE = date(2024, 1, 1)
DAYS = 560
STORES = range(1, 5)
PERIOD = "(period_grain, period_start_date)"


def periods_of(*days: date) -> set[tuple[str, date]]:
    """The day, week and period of each date, as the calendar below has them."""
    lengths = {"day": 1, "week": 7, "period": 28}
    return {
        (grain, day - timedelta(days=(day - FIRST_DATE).days % length))
        for day in days
        for grain, length in lengths.items()
    }


class Nights:
    """What is told of stores by date, and how they did."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.compared = rendered_models.Replaced(
            connection, {"comparable_store_day": "(business_date, store_id)"}
        )
        self.performance = rendered_models.Replaced(connection, {"store_performance": PERIOD})
        self.random = random.Random(3)
        self.changed: set[date] = set()
        self.made_days: set[tuple[date, str]] = set()

    def sell(self, store: int, day: date, net: int) -> None:
        """A store's receipts of a day are others now; those of nothing are none."""
        self.changed.add(day)
        self.forget("core.fct_sales_day", store, day)
        if net:
            self.connection.execute(
                "insert into warehouse.core.fct_sales_day by name select 'S' || $store as "
                "store_id, $day as business_date, 3 as receipt_count, $net % 2 * 3 as "
                "costed_receipt_count, if($net > 0, 3, 0) as transaction_count, 1 as "
                "identified_transaction_count, 5 as line_count, 6 as unit_count, $net + 2 as "
                "gross_amount, 1 as discount_amount, 1 as returns_amount, $net as net_amount, "
                "if($net % 2 = 1, $net, null) as costed_net_amount, "
                "if($net % 2 = 1, $net / 4, null) as margin_amount",
                {"store": store, "day": day, "net": net},
            )

    def sell_anything(self, day: date) -> None:
        """A day of most stores, which sometimes only take back."""
        for store in self.random.sample(STORES, 3):
            self.sell(store, day, self.random.choice([-3, 0, 5, 10, 21, 41]))

    def cost(self, store: int, day: date) -> None:
        """What a store's receipts of a day cost comes late: its sales stand."""
        self.connection.execute(
            "update warehouse.core.fct_sales_day set costed_receipt_count = 3, "
            "costed_net_amount = net_amount, margin_amount = 2 "
            "where store_id = 'S' || ? and business_date = ?",
            [store, day],
        )
        self.changed.add(day)

    def tell(self, table: str, store: int, day: date, *values: object) -> None:
        """A feed tells something of a store and date."""
        marks = "".join(", ?" for _ in values)
        self.connection.execute(
            f"insert into warehouse.{table} values ('S' || ?, ?{marks})", [store, day, *values]
        )

    def forget(self, table: str, store: int, day: date) -> None:
        """A feed no longer tells anything of a store and date."""
        self.connection.execute(
            f"delete from warehouse.{table} where store_id = 'S' || ? and business_date = ?",
            [store, day],
        )

    def grow(self, store: int, day: date, area: int) -> None:
        """A store has another area from a date on: its version of before ends."""
        self.connection.execute(
            "update warehouse.core.dim_store set is_current = false, valid_to_date = $day - 1 "
            "where store_id = 'S' || $store and is_current and valid_from_date < $day",
            {"store": store, "day": day},
        )
        self.connection.execute(
            "insert into warehouse.core.dim_store select store_id, store_key + 10, open_date, "
            "cluster_code, $area, $day, date '9999-12-31', true from warehouse.core.dim_store "
            "where store_id = 'S' || $store and valid_to_date = $day - 1",
            {"store": store, "day": day, "area": area},
        )
        self.replace(store)

    def measure(self, store: int, area: int) -> None:
        """The area of a store's first version was another all the time."""
        self.connection.execute(
            "update warehouse.core.dim_store set selling_area_m2 = ? "
            "where store_id = 'S' || ? and valid_from_date = date '1900-01-01'",
            [area, store],
        )
        self.replace(store)

    def group(self, store: int, cluster: str) -> None:
        """A store is of another cluster, as computed or, for one that is not, by the master."""
        for table in ("marts.store_cluster", "core.dim_store"):
            self.connection.execute(
                f"update warehouse.{table} set cluster_code = ? where store_id = 'S' || ?",
                [cluster, store],
            )

    def replace(self, store: int) -> None:
        """A store is another one in its dimension."""
        self.connection.execute("insert into raw.history.changed_store values ('S' || ?)", [store])

    def build(self) -> None:
        """The first night."""
        self.compared.build()
        self.performance.build()
        self.changed.clear()

    def night(self) -> set[tuple[str, date]]:
        """A further night, and the periods that it replaced."""
        self.compared.change(self.changed)
        self.made_days = self.compared.replace("comparable_store_day")
        self.changed.clear()
        self.connection.execute("delete from raw.history.changed_store")
        return self.performance.replace("store_performance")


@pytest.fixture
def nights() -> Iterator[Nights]:
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            set threads = 1;
            attach ':memory:' as raw;
            attach ':memory:' as warehouse;
            create schema raw.history;
            create schema raw.ledger;
            create schema raw.seeds;
            create schema warehouse.core;
            create schema warehouse.marts;
            create schema warehouse.meta;
            create table raw.ledger.changed_business_date (
                business_date date, is_fact_changed boolean
            );
            create table raw.history.changed_store (store_id text);
            create table raw.seeds.comparable_sales_parameter as
            from read_csv('{rendered_models.PROJECT}/seeds/comparable_sales_parameter.csv');
            create table warehouse.core.dim_date as
            select
                day::date as date_day,
                day::date - ((day::date - date '{FIRST_DATE}') % 7)::int
                    as fiscal_week_start_date,
                day::date - ((day::date - date '{FIRST_DATE}') % 28)::int
                    as fiscal_period_start_date,
                day::date - 364 as date_ly_aligned
            from range(date '{FIRST_DATE}', date '2026-06-15', interval 1 day) as days (day);
            create table warehouse.core.dim_store as
            select
                'S' || number as store_id, number as store_key,
                if(number = 2, null, date '2020-01-01') as open_date,
                'unclustered' as cluster_code, 100 as selling_area_m2,
                date '1900-01-01' as valid_from_date, date '9999-12-31' as valid_to_date,
                true as is_current
            from range(1, 5) as stores (number);
            create table warehouse.marts.store_cluster as
            select store_id, 'all' as cluster_code from warehouse.core.dim_store
            where store_id <> 'S4';
            create table warehouse.core.fct_sales_day (
                store_id text, business_date date, receipt_count int, costed_receipt_count int,
                transaction_count int, identified_transaction_count int, line_count int,
                unit_count int, gross_amount decimal(18, 4), discount_amount decimal(18, 4),
                returns_amount decimal(18, 4), net_amount decimal(18, 4),
                costed_net_amount decimal(18, 4), margin_amount decimal(18, 4)
            );
            create table warehouse.core.fct_traffic (
                store_id text, business_date date, visitor_in_count int, is_sensor_sound boolean
            );
            create table warehouse.core.fct_labour (
                store_id text, business_date date, labour_department text, hour_quantity int
            );
            create table warehouse.core.fct_register_session (
                store_id text, business_date date, drawer_difference_amount int
            );
            create table warehouse.core.fct_target (
                store_id text, business_date date, metric_code text, target_amount int
            );
            create table warehouse.core.fct_pos_exception (
                store_id text, business_date date, exception_code text
            );
            create table warehouse.core.fct_stock_day (
                store_id text, business_date date, item_count int, ranged_item_count int,
                stock_out_item_count int, on_hand_quantity int, stock_cost_amount int,
                received_quantity int, shrink_amount int
            );
            create table warehouse.marts.store_stock_week (
                store_id text, fiscal_week_start_date date, lost_net_amount int, supply_days double
            );
            create table warehouse.meta.missing_store_day (store_id text, business_date date);
            """
        )
        yield Nights(connection)


def test_whatever_changes_in_whatever_order_periods_are_those_of_a_full_build(
    nights: Nights,
) -> None:
    drawn = nights.random
    days = [FIRST_DATE + timedelta(days=number) for number in range(260, DAYS, 4)]
    for day in days:
        nights.sell_anything(day)
    nights.build()
    changes: list[Callable[[int, date], None]] = [
        lambda store, day: nights.sell(store, day, drawn.choice([0, 0, 7])),
        nights.cost,
        lambda store, day: nights.tell("core.fct_traffic", store, day, 40, drawn.random() < 0.8),
        lambda store, day: nights.tell("core.fct_labour", store, day, "*", 8),
        lambda store, day: nights.tell("core.fct_register_session", store, day, -2),
        lambda store, day: nights.tell("core.fct_target", store, day, "net_sales", 30),
        lambda store, day: nights.tell("core.fct_pos_exception", store, day, "void"),
        lambda store, day: nights.forget("core.fct_pos_exception", store, day),
        lambda store, day: nights.tell("core.fct_stock_day", store, day, 9, 9, 1, 50, 20, 5, 1),
        lambda store, day: nights.forget("core.fct_stock_day", store, day),
        lambda store, day: nights.tell(
            "core.fct_stock_day", store, day - timedelta(days=1), 9, 9, 1, 50, 20, 5, 1
        ),
        lambda store, day: nights.tell("marts.store_stock_week", store, day, 4, 2.5),
        lambda store, day: nights.tell("meta.missing_store_day", store, day),
        lambda store, day: nights.grow(store, day, drawn.choice([98, 150])),
        lambda store, _day: nights.measure(store, drawn.choice([99, 101])),
        lambda store, _day: nights.group(store, drawn.choice(["all", "city"])),
        lambda _store, _day: nights.group(4, drawn.choice(["all", "city"])),
        # Before the first sale that was known.
        lambda store, _day: nights.sell(store, days[0] - timedelta(days=drawn.randint(30, 90)), 7),
    ]
    sizes = []
    last = days[-1]
    for night in range(2 * len(changes)):
        # A night may leap over days that nobody tells of.
        last += timedelta(days=drawn.choice([0, 1, 1, 20]))
        nights.sell_anything(last)
        changes[night % len(changes)](drawn.choice(STORES), drawn.choice(days))
        sizes.append(len(nights.night()))
        assert nights.compared.differences() == [], f"night {night}"
        assert nights.performance.differences() == [], f"night {night}"
    assert min(sizes) < 8
    assert max(sizes) > 100


def test_a_night_replaces_the_periods_that_hold_or_compare_a_changed_date(nights: Nights) -> None:
    for number in range(DAYS):
        for store in STORES:
            nights.sell(store, FIRST_DATE + timedelta(days=number), 10 + store)
    nights.build()
    assert nights.night() == set()

    last = FIRST_DATE + timedelta(days=DAYS)
    nights.sell(1, last, 10)
    assert nights.night() <= periods_of(last)

    day = date(2024, 5, 1)
    nights.sell(1, day, 12)
    assert nights.night() == periods_of(day, day + timedelta(days=364))

    day = date(2025, 2, 4)
    nights.tell("core.fct_target", 2, day, "net_sales", 30)
    assert nights.night() == periods_of(day)

    nights.cost(2, day)
    assert nights.night() == periods_of(day)

    nights.tell("core.fct_stock_day", 2, date(2024, 5, 5), 9, 9, 1, 50, 20, 5, 1)
    assert nights.night() == periods_of(date(2024, 5, 5), date(2024, 5, 6))

    nights.tell("core.fct_pos_exception", 2, day, "void")
    assert len(nights.night()) > DAYS, "a store that ever told an exception has none on other days"
    nights.tell("core.fct_pos_exception", 2, day, "void")
    assert nights.night() == periods_of(day)

    nights.group(3, "city")
    assert len(nights.night()) > DAYS
    assert nights.performance.differences() == []


def test_dates_that_look_back_from_beyond_the_last_date_are_gone_with_it(nights: Nights) -> None:
    for number in range(DAYS):
        nights.sell(1, FIRST_DATE + timedelta(days=number), 10)
    nights.build()
    leap = FIRST_DATE + timedelta(days=DAYS + 10)
    nights.sell(1, leap, 10)
    nights.night()
    assert len(nights.made_days) == 11
    nights.sell(1, leap, 0)
    nights.night()
    assert len(nights.made_days) == 11
    assert nights.compared.differences() == []
    assert nights.performance.differences() == []
