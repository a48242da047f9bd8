"""Gained and lost sales, night by night, are what a full build would find.

The models run as they are, without dbt: what a night costs here is its SQL.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest
import rendered_models

FIRST_DATE = date(2024, 1, 1)
DAYS = 800
CUSTOMERS = range(1, 9)
UNKNOWN = -1
PAIR = "(fiscal_quarter_start_date, base_quarter_start_date)"


class Nights:
    """What customers bought and said of profiling, and what quarters gained by them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.marts = rendered_models.Replaced(connection, {"gain_loss": PAIR, "revenue_tree": PAIR})
        self.random = random.Random(5)
        self.changed: set[date] = set()
        self.regrouped: set[date] = set()
        self.trees: set[tuple[date, date]] = set()

    def buy(self, customer: int, day: date, amount: int) -> None:
        """A customer's receipt of a day is another one now; one of no amount is none."""
        self.connection.execute(
            "delete from warehouse.core.fct_basket where customer_key = ? and business_date = ?",
            [customer, day],
        )
        if amount:
            self.connection.execute(
                "insert into warehouse.core.fct_basket select $day, 'S' || $store, $customer, "
                "'C' || $customer, 'P' || $product, $amount, $amount, 1",
                {
                    "customer": customer,
                    "day": day,
                    "amount": amount,
                    "store": self.random.randint(1, 2),
                    "product": self.random.randint(1, 4),
                },
            )
        self.changed.add(day)

    def buy_anything(self, day: date) -> None:
        """A day of some customers, who return something now and then."""
        for customer in self.random.sample([*CUSTOMERS, UNKNOWN], 3):
            self.buy(customer, day, self.random.choice([-3, 0, 5, 10, 20, 40]))

    def consent(self, customer: int, status: str) -> None:
        """A customer says something on profiling."""
        self.connection.execute(
            "delete from warehouse.core.dim_consent where customer_id = 'C' || ?", [customer]
        )
        self.connection.execute(
            "insert into warehouse.core.dim_consent values ('C' || ?, 'profiling', ?, true)",
            [customer, status],
        )

    def merge(self, customer: int, other: int) -> None:
        """What one customer bought turns out to be another's."""
        rows = self.connection.execute(
            "update warehouse.core.fct_basket "
            "set customer_key = $2, customer_id = 'C' || $2 where customer_key = $1 "
            "returning business_date",
            [customer, other],
        ).fetchall()
        self.changed |= {day for (day,) in rows}

    def move(self, customer: int, household: int) -> None:
        """A customer is of another household."""
        self.connection.execute(
            "update warehouse.core.dim_customer set household_id = 'H' || ? "
            "where customer_id = 'C' || ?",
            [household, customer],
        )
        self._regroup("customer_id = 'C' || ?", customer)

    def rename(self, product: int, category: str) -> None:
        """An item is of another category."""
        self.connection.execute(
            "update warehouse.core.dim_product set category_name = ? where product_id = 'P' || ?",
            [category, product],
        )
        self._regroup("product_id = 'P' || ?", product)

    def roll(self, day: date) -> None:
        """The receipts of a day are kept no longer."""
        self.connection.execute(
            "delete from warehouse.core.fct_basket where business_date = ?", [day]
        )
        self.connection.execute("insert into warehouse.core.fct_sales_day values (?, true)", [day])
        self.changed.add(day)

    def build(self) -> None:
        """The first night."""
        self.marts.build()
        self._end()

    def night(self) -> set[tuple[date, date]]:
        """A further night, and the pairs of quarters that it replaced."""
        self.marts.change(self.changed)
        self.connection.execute(
            "insert into raw.ledger.changed_business_date select unnest($1::date[]), false",
            [sorted(self.regrouped - self.changed)],
        )
        self.trees = self.marts.replace("revenue_tree")
        replaced = self.marts.replace("gain_loss")
        self._end()
        return replaced

    def _regroup(self, whose: str, number: int) -> None:
        """Dates on which groups are others now, and facts stand."""
        rows = self.connection.execute(
            f"select distinct business_date from warehouse.core.fct_basket where {whose}",
            [number],
        ).fetchall()
        self.regrouped |= {day for (day,) in rows}

    def _end(self) -> None:
        """What the next night finds of this one."""
        self.changed.clear()
        self.regrouped.clear()
        self.connection.execute(
            "create or replace table raw.history.standing_consent as "
            "from warehouse.core.dim_consent inner join warehouse.core.dim_customer "
            "using (customer_id)"
        )


@pytest.fixture
def nights() -> Iterator[Nights]:
    with duckdb.connect() as connection:
        connection.execute(
            """
            set threads = 1;
            attach ':memory:' as raw;
            attach ':memory:' as warehouse;
            create schema raw.ledger;
            create schema raw.history;
            create schema warehouse.core;
            create schema warehouse.marts;
            create table raw.ledger.changed_business_date (
                business_date date, is_fact_changed boolean
            );
            create table warehouse.core.dim_date as
            select
                day::date as date_day,
                year(day) as fiscal_year,
                quarter(day) as fiscal_quarter,
                year(day) || '-Q' || quarter(day) as fiscal_quarter_code,
                date_trunc('quarter', day)::date as fiscal_quarter_start_date,
                -- Weeks do not part calendar quarters, months do.
                date_trunc('month', day)::date as fiscal_week_start_date
            from range(date '2023-01-01', date '2028-01-01', interval 1 day) as days (day);
            create table warehouse.core.fct_basket (
                business_date date, store_id text, customer_key int, customer_id text,
                product_id text, net_amount decimal(18, 4), unit_count int, transaction_count int
            );
            create view warehouse.core.fct_customer_day as
            select
                business_date, customer_key, customer_id, sum(net_amount) as net_amount,
                sum(unit_count) as unit_count, sum(transaction_count) as transaction_count
            from warehouse.core.fct_basket
            group by all;
            create table warehouse.core.fct_sales_day (business_date date, is_rolled boolean);
            create table warehouse.core.dim_consent (
                customer_id text, consent_purpose text, consent_status text, is_current boolean
            );
            create table warehouse.core.dim_customer as
            select 'C' || number as customer_id, 'H' || number // 2 as household_id
            from range(1, 9) as customers (number);
            create table warehouse.core.dim_product as
            select 'P' || number as product_id, 'Bread' as category_name, true as is_current
            from range(1, 5) as products (number);
            update warehouse.core.dim_product set category_name = 'Milk'
            where product_id in ('P3', 'P4');
            create view warehouse.core.fct_sales_week as
            select
                date_trunc('month', business_date)::date as fiscal_week_start_date, product_id,
                sum(net_amount) as net_amount
            from warehouse.core.fct_basket
            group by all;
            create view warehouse.marts.household_habit as
            select
                date_trunc('quarter', business_date)::date as fiscal_quarter_start_date,
                household_id, category_name, sum(net_amount) as net_amount
            from warehouse.core.fct_basket
            inner join warehouse.core.dim_customer using (customer_id)
            inner join warehouse.core.dim_product using (product_id)
            where customer_key > 0
            group by all;
            """
        )
        yield Nights(connection)


def test_whatever_changes_in_whatever_order_pairs_are_those_of_a_full_build(
    nights: Nights,
) -> None:
    drawn = nights.random
    days = [FIRST_DATE + timedelta(days=number) for number in range(0, DAYS, 7)]
    for day in days:
        nights.buy_anything(day)
    nights.build()
    sizes = []
    last = days[-1]
    for night in range(24):
        last += timedelta(days=drawn.randint(1, 20))
        nights.buy_anything(last)
        customer, other = drawn.sample(CUSTOMERS, 2)
        match night % 8:
            case 1:
                nights.buy_anything(drawn.choice(days))
            case 2:
                nights.consent(customer, "withdrawn")
            case 3:
                nights.merge(customer, other)
            case 4:
                nights.consent(customer, "granted")
            case 5:
                nights.move(customer, drawn.randint(0, 4))
            case 6:
                nights.rename(drawn.randint(1, 4), drawn.choice(["Bread", "Milk", "Tea"]))
            case 7 if night > 10:
                nights.roll(days[night - 11])
        sizes.append(len(nights.night()))
        assert nights.marts.differences() == [], f"night {night}"
    assert min(sizes) == 0
    assert max(sizes) > 5


def test_a_night_replaces_the_pairs_of_which_a_quarter_changed(nights: Nights) -> None:
    # The data span 2024-01-01 to 2026-03-04: the last whole quarter is the fourth of 2025.
    for number in range(0, DAYS, 7):
        for customer in (1, 2):
            nights.buy(customer, FIRST_DATE + timedelta(days=number), 10)
    nights.build()
    nights.buy(1, date(2026, 3, 5), 10)
    assert nights.night() == set()

    nights.buy(1, date(2025, 8, 14), 10)
    assert nights.night() == {
        (date(2025, 7, 1), date(2025, 4, 1)),
        (date(2025, 7, 1), date(2024, 7, 1)),
        (date(2025, 10, 1), date(2025, 7, 1)),
    }

    # Of a household that buys nothing else.
    nights.buy(4, date(2024, 2, 14), 10)
    nights.night()
    nights.consent(4, "withdrawn")
    assert nights.night() == {
        (date(2024, 4, 1), date(2024, 1, 1)),
        (date(2025, 1, 1), date(2024, 1, 1)),
    }

    nights.buy(2, date(2026, 4, 1), 10)
    assert nights.night() == {
        (date(2026, 1, 1), date(2025, 10, 1)),
        (date(2026, 1, 1), date(2025, 1, 1)),
    }, "the first quarter of 2026 is whole now"
    assert nights.marts.differences() == []


def test_who_moves_takes_an_objection_along(nights: Nights) -> None:
    # C2 and C3 are of one household. Of its quarters C3 bought in the second, C2 in the third.
    nights.buy(1, FIRST_DATE, 10)
    nights.buy(3, date(2024, 5, 1), 10)
    nights.buy(2, date(2024, 8, 1), 10)
    nights.buy(1, date(2025, 1, 1), 10)
    nights.consent(3, "withdrawn")
    nights.build()
    lost = "select sum(household_count) from warehouse.marts.gain_loss where "
    lost += "base_quarter_start_date = date '2024-07-01' and movement_code = 'lost'"
    assert nights.connection.execute(lost).fetchall() == [(None,)]
    nights.move(3, 4)
    assert (date(2024, 10, 1), date(2024, 7, 1)) in nights.night()
    assert nights.connection.execute(lost).fetchall() == [(1,)]
    assert nights.marts.differences() == []


def test_an_item_of_another_category_moves_no_customer(nights: Nights) -> None:
    for number in range(0, DAYS, 30):
        nights.buy(1, FIRST_DATE + timedelta(days=number), 10)
    nights.build()
    for product in range(1, 5):
        nights.rename(product, "Tea")
    assert nights.night() != set()
    assert nights.trees == set()
    assert nights.marts.differences() == []
