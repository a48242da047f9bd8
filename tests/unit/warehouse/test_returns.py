"""Returns, night by night, name the sales that a full build would find.

The models run as they are, without dbt: what a night costs here is its SQL.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest
import rendered_models

DATES = [date(2026, 1, 1) + timedelta(days=number) for number in range(12)]


class Nights:
    """Sales and returns that change, and the returns made of them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.returns = rendered_models.Replaced(connection, {"fct_returns": "business_date"})
        self.random = random.Random(7)

    def sell(self, day: date, items: list[str]) -> None:
        """Replace what was sold on a date: a receipt of one till, a line an item."""
        self._empty(day, "sale")
        for number, item in enumerate(items, start=1):
            self._line(day, 1, number, "sale", item, None)

    def bring_back(self, day: date, items: list[tuple[str, date | None]]) -> None:
        """Replace what was brought back on a date: item, and date of the receipt that it names."""
        self._empty(day, "return")
        for number, (item, sold_on) in enumerate(items, start=1):
            self._line(day, 2, number, "return", item, sold_on)

    def night(self, changed: list[date]) -> set[date]:
        """A further night, and the dates that it replaced."""
        self.returns.change(changed)
        return self.returns.replace("fct_returns")

    def _empty(self, day: date, kind: str) -> None:
        for table in ("raw.staging.stg_pos__sales_line", "warehouse.core.fct_sales"):
            self.connection.execute(
                f"delete from {table} where business_date = ? and line_type = ?", [day, kind]
            )

    def _line(
        self, day: date, receipt: int, number: int, kind: str, item: str, sold_on: date | None
    ) -> None:
        self.connection.execute(
            """
            insert into raw.staging.stg_pos__sales_line by name
            select
                'S' as store_id, 'T' as workstation_id, $day as business_date,
                $receipt as transaction_number, $number as line_number, $kind as line_type,
                if($sold_on is null, null, 'S') as original_store_id,
                if($sold_on is null, null, 'T') as original_workstation_id,
                $sold_on::date as original_business_date,
                if($sold_on is null, null, 1) as original_transaction_number
            """,
            {
                "day": day,
                "receipt": receipt,
                "number": number,
                "kind": kind,
                "sold_on": sold_on,
            },
        )
        self.connection.execute(
            "insert into warehouse.core.fct_sales by name select "
            "concat_ws('-', 'S', 'T', $day, $receipt) as receipt_id, $number as line_number, "
            "$day as business_date, $kind as line_type, $item as product_id, 'S' as store_id, "
            "if($kind = 'sale', 1, -1) as quantity, quantity as net_amount",
            {"day": day, "receipt": receipt, "number": number, "kind": kind, "item": item},
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
            create schema raw.staging;
            create schema warehouse.core;
            create table raw.ledger.changed_business_date (
                business_date date, is_fact_changed boolean
            );
            create table raw.staging.stg_pos__sales_line (
                store_id text, workstation_id text, business_date date, transaction_number int,
                line_number int, line_type text, exclusion_reason text, return_reason_code text,
                is_restocked boolean, original_store_id text, original_workstation_id text,
                original_business_date date, original_transaction_number int,
                original_line_number int
            );
            create table warehouse.core.fct_sales (
                receipt_id text, line_number int, business_date date, line_type text,
                store_key int, store_id text, product_key int, product_id text, customer_key int,
                customer_id text, quantity int, net_amount int
            );
            create table warehouse.core.dim_date as
            select unnest(range(date '2025-12-01', date '2026-03-01', interval 1 day))::date
                as date_day;
            create table warehouse.core.fct_payments (
                receipt_id text, business_date date, tender_code text, paid_amount int
            );
            """
        )
        yield Nights(connection)


def test_whatever_changes_in_whatever_order_the_returns_are_those_of_a_full_build(
    nights: Nights,
) -> None:
    drawn = nights.random
    nights.returns.build()
    moved = 0
    for night in range(12):
        changed = drawn.sample(DATES, drawn.randint(1, 3))
        for day in changed:
            nights.sell(day, drawn.choices("abcd", k=drawn.randint(0, 4)))
            if drawn.random() < 0.8:
                # Some name nothing, some a sale that is not yet made.
                nights.bring_back(
                    day,
                    [
                        (drawn.choice("abcd"), drawn.choice([None, *DATES]))
                        for _ in range(drawn.randint(0, 5))
                    ],
                )
        moved += bool(nights.night(changed) - set(changed))
        assert nights.returns.differences() == [], f"night {night}"
    assert moved > 2


def test_a_sale_that_comes_late_replaces_the_dates_of_its_returns_alone(nights: Nights) -> None:
    late, first, second, third = DATES[:4]
    nights.bring_back(first, [("a", late)])
    nights.bring_back(second, [("a", first)])
    nights.bring_back(third, [("b", late), ("a", None)])
    nights.returns.build()

    nights.sell(late, ["a", "c"])
    assert nights.night([late]) == {first, third}
    assert nights.connection.execute(
        "select business_date, line_number, original_line_number, return_days, is_matched "
        "from warehouse.core.fct_returns order by all"
    ).fetchall() == [
        (first, 1, 1, 1, True),
        (second, 1, None, None, False),
        (third, 1, None, None, False),
        (third, 2, None, None, False),
    ]
    assert nights.night([third]) == {third}
    assert nights.returns.differences() == []
