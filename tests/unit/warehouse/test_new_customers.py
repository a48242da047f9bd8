"""The first basket of a customer and its days, night by night, are what a full build would find.

The models run as they are, without dbt: what a night costs here is its SQL.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest
import rendered_models

DATES = [date(2026, 1, 1) + timedelta(days=number) for number in range(12)]
CUSTOMERS = range(1, 15)
ROLLED = (
    "insert into raw.intermediate.int_customer__acquired select 'C' || unnest(?), date '2025-12-01'"
)


class Nights:
    """Sales that change, and the baskets, days of customers and acquisitions made of them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.facts = rendered_models.Replaced(
            connection, {"fct_basket": "business_date", "fct_customer_day": "business_date"}
        )
        self.acquisition = rendered_models.render("fct_acquisition").sql
        self.random = random.Random(7)

    def sell(self, day: date, lines: list[tuple[str, int, str]]) -> None:
        """Replace the lines of a date: receipt, number of the customer, kind of line."""
        self.connection.execute(
            "delete from warehouse.core.fct_sales where business_date = ?", [day]
        )
        self.connection.execute(
            """
            insert into warehouse.core.fct_sales by name
            select
                $day || '-' || receipt as receipt_id, $day as business_date, customer_key,
                case when customer_key > 0 then 'C' || customer_key end as customer_id,
                case when receipt > 'r1' then $day::timestamp end as sold_at,
                line_type, case when line_type = 'sale' then 1 else -1 end as quantity,
                quantity as unit_count, quantity as net_amount,
                case when receipt < 'r5' then 0 end as cost_amount
            from (
                select
                    unnest($receipts) as receipt, unnest($customers) as customer_key,
                    unnest($kinds) as line_type
            )
            """,
            {
                "day": day,
                "receipts": [receipt for receipt, _, _ in lines],
                "customers": [customer for _, customer, _ in lines],
                "kinds": [kind for _, _, kind in lines],
            },
        )

    def sell_anything(self, day: date) -> None:
        """Lines of few receipts, some of them returns, or of two people, or of nobody."""
        self.sell(
            day,
            [
                (
                    f"r{self.random.randint(0, 5)}",
                    self.random.choice([-1, *CUSTOMERS]),
                    self.random.choice(["sale", "sale", "return"]),
                )
                for _ in range(self.random.randint(1, 9))
            ],
        )

    def build(self) -> None:
        """The first night."""
        self.facts.build()
        self._acquire()

    def night(self, changed: list[date]) -> set[date]:
        """A further night, and the dates of which it replaced baskets."""
        self.facts.change(changed)
        replaced = self.facts.replace("fct_basket")
        self.facts.replace("fct_customer_day")
        self._acquire()
        return replaced

    def new(self) -> list[tuple[date, str]]:
        """Dates and customers of first baskets."""
        return self.connection.execute(
            "select business_date, customer_id from warehouse.core.fct_basket "
            "where is_new_customer order by all"
        ).fetchall()

    def _acquire(self) -> None:
        self.connection.execute(
            f"create or replace table warehouse.core.fct_acquisition as {self.acquisition}"
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
            create schema raw.intermediate;
            create schema warehouse.core;
            create table raw.ledger.changed_business_date (
                business_date date, is_fact_changed boolean
            );
            create table raw.intermediate.int_customer__acquired (
                customer_id text, acquired_date date
            );
            create table raw.intermediate.int_receipt__profiled (
                store_id text, workstation_id text, business_date date, transaction_number int,
                duration_seconds bigint
            );
            create table warehouse.core.dim_store (store_key int, store_id text);
            create table warehouse.core.fct_sales (
                receipt_id text, business_date date, sold_at timestamp, customer_key int,
                customer_id text, line_type text, quantity int, store_key int, product_key int,
                promotion_key int, channel text, unit_count int, gross_amount int,
                line_discount_amount int, store_coupon_amount int, basket_discount_amount int,
                manufacturer_coupon_amount int, net_amount int, cost_amount int
            );
            create table warehouse.core.dim_customer as
            select number as customer_key, 'C' || number as customer_id
            from range(1, 15) as customer (number)
            union all select -1, 'unknown';
            """
        )
        yield Nights(connection)


def test_whatever_changes_in_whatever_order_the_baskets_are_those_of_a_full_build(
    nights: Nights,
) -> None:
    for day in DATES[::2]:
        nights.sell_anything(day)
    nights.build()
    moved = 0
    for night in range(10):
        changed = nights.random.sample(DATES, nights.random.randint(1, 3))
        for day in changed:
            nights.sell_anything(day)
        if night % 5 == 4:
            # Weeks were rolled, or a rolled receipt turned out to be another customer's.
            nights.connection.execute("delete from raw.intermediate.int_customer__acquired")
            rolled = nights.random.sample(CUSTOMERS, 2)
            nights.connection.execute(ROLLED, [rolled])
        moved += bool(nights.night(changed) - set(changed))
        assert nights.facts.differences() == [], f"night {night}"
    assert moved > 2


def test_only_dates_of_moved_first_baskets_are_replaced_beside_the_changed(nights: Nights) -> None:
    first, late, second, third = DATES[:4]
    nights.sell(first, [("r1", 1, "sale")])
    nights.sell(second, [("r1", 1, "sale"), ("r2", 2, "sale")])
    nights.sell(third, [("r1", 2, "sale"), ("r2", 3, "sale")])
    nights.build()
    assert nights.new() == [(first, "C1"), (second, "C2"), (third, "C3")]

    nights.sell(late, [("r1", 1, "sale"), ("r2", 3, "sale")])
    assert nights.night([late]) == {late, third}
    assert nights.new() == [(first, "C1"), (late, "C3"), (second, "C2")]

    nights.sell(second, [("r1", 1, "sale")])
    assert nights.night([second]) == {second, third}
    assert nights.new() == [(first, "C1"), (late, "C3"), (third, "C2")]

    assert nights.night([third]) == {third}
    assert nights.facts.differences() == []
