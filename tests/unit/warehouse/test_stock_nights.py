"""Spans of stock, night by night, are those of a full build, and what ended before is not touched.

Stores deliver in full or changes, miss days, restate and withdraw them; movements come late, and
versions of items and stores begin on days of which stock is known. The model runs without dbt.
"""

import random
from datetime import date, timedelta

import duckdb
import pytest
import rendered_models

FIRST_DAY = date(2026, 1, 4)
"""A Sunday, with which a fiscal period of 28 days begins."""

MODEL = "fct_inventory_snapshot"
STORES = {"A": "full", "B": "full", "C": "delta"}
ITEMS = ("milk", "cream", "bread", "rolls")

TABLES = """
create table raw.ledger.changed_business_date (business_date date, is_fact_changed boolean);
create table raw.staging.stg_stock__snapshot (
    store_id text, product_id text, business_date date, on_hand_quantity decimal(18, 3),
    available_quantity decimal(18, 3), reserved_quantity decimal(18, 3),
    in_transit_quantity decimal(18, 3), damaged_quantity decimal(18, 3),
    unit_cost_amount decimal(18, 4), retail_price_amount decimal(18, 4), is_ranged boolean,
    presentation_minimum_quantity decimal(18, 3), safety_stock_quantity decimal(18, 3),
    is_full_extract boolean
);
create table raw.intermediate.int_stock__moved (
    store_id text, product_id text, movement_quantity decimal(18, 3), business_date date
);
create table warehouse.core.dim_date as
select
    day::date as date_day,
    date '2026-01-04' + (28 * ((day::date - date '2026-01-04') // 28))::int
        as fiscal_period_start_date
from unnest(range(date '2026-01-04', date '2026-12-01', interval 1 day)) as t (day);
create table warehouse.core.dim_store as
select
    unnest([1, 2, 3]) as store_key, unnest(['A', 'B', 'C']) as store_id,
    date '1900-01-01' as valid_from_date, date '9999-12-31' as valid_to_date;
create table warehouse.core.dim_product as
select
    unnest([1, 2, 3, 4]) as product_key,
    unnest(['milk', 'cream', 'bread', 'rolls']) as product_id,
    date '1900-01-01' as valid_from_date, date '9999-12-31' as valid_to_date;
"""


class Nights:
    """What is delivered of stock, and the spans that it makes."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, seed: int) -> None:
        self.connection = connection
        self.random = random.Random(seed)
        self.stock = {
            (store, item): self.random.randint(0, 3) for store in STORES for item in ITEMS[:3]
        }
        connection.execute(TABLES)
        delivered = rendered_models.render("int_stock__delivered").sql
        connection.execute(f"create view raw.intermediate.int_stock__delivered as {delivered}")
        self.spans = rendered_models.Replaced(connection, {MODEL: "from_date"})
        self.spans.build()

    def deliver(self, day: date) -> None:
        """Replace all that is known of a date by another draw, or by nothing."""
        draw = self.random
        for table in ("staging.stg_stock__snapshot", "intermediate.int_stock__moved"):
            self.connection.execute(f"delete from raw.{table} where business_date = ?", [day])
        for store, delivery in STORES.items():
            changed = [item for item in ITEMS if draw.random() < 0.25]
            for item in changed:
                before = self.stock.get((store, item), 0)
                if draw.random() < 0.15:
                    self.stock.pop((store, item), None)
                else:
                    self.stock[store, item] = draw.randint(0, 3)
                if draw.random() < 0.7:
                    moved = self.stock.get((store, item), 0) - before
                    self.connection.execute(
                        "insert into raw.intermediate.int_stock__moved values (?, ?, ?, ?)",
                        [store, item, moved, day],
                    )
            is_full = delivery == "full" or draw.random() < 0.1
            if draw.random() < 0.85:
                for item in ITEMS if is_full else changed:
                    if (store, item) in self.stock:
                        self.state(store, item, day, is_full)

    def version(self, entity: str, member: str, day: date) -> list[date]:
        """Let a version begin on a day, or begin no longer, and say where spans stand on another.

        As pipelines.warehouse.history does: the first date of each span of other days than before.
        """
        dimension, values = f"warehouse.core.dim_{entity}", {"member": member, "day": day}
        self.connection.execute(f"create or replace temp table was as from {dimension}")
        begins = f"{entity}_id = $member and valid_from_date = $day"
        if not self.connection.execute(
            f"delete from {dimension} where {begins} returning 1", values
        ).fetchall():
            self.connection.execute(
                f"insert into {dimension} select {entity}_key + 10 * ($day - valid_from_date), "
                f"{entity}_id, $day, valid_to_date from {dimension} where {entity}_id = $member "
                "and $day > valid_from_date and $day <= valid_to_date",
                values,
            )
        self.connection.execute(
            f"update {dimension} set valid_to_date = next_date from (select {entity}_key as key, "
            "coalesce(lead(valid_from_date) over (order by valid_from_date) - 1, '9999-12-31') "
            f"as next_date from {dimension} where {entity}_id = $member) as followed "
            f"where {entity}_key = key",
            {"member": member},
        )
        rows = self.connection.execute(
            "select distinct greatest(span.from_date, now.valid_from_date, was.valid_from_date) "
            f"from warehouse.core.{MODEL} as span "
            f"inner join {dimension} as now using ({entity}_id) "
            f"inner join was using ({entity}_id) where now.valid_from_date <> was.valid_from_date "
            "and least(span.to_date, now.valid_to_date, was.valid_to_date) "
            ">= greatest(span.from_date, now.valid_from_date, was.valid_from_date)"
        ).fetchall()
        return [changed for (changed,) in rows]

    def night(self, changed: list[date]) -> None:
        """Run a night."""
        self.spans.change(changed)
        self.spans.replace(MODEL)

    def written(self) -> int:
        """How many spans the last night wrote."""
        (count,) = self.connection.execute("select count(*) from told").fetchone()
        return count

    def state(self, store: str, item: str, day: date, is_full: bool) -> None:
        """Deliver the stock of an item; that it is ranged is now and then not told."""
        self.connection.execute(
            "insert into raw.staging.stg_stock__snapshot by name "
            "select $store as store_id, $item as product_id, $day as business_date, "
            "$on_hand as on_hand_quantity, 2 as unit_cost_amount, 3 as retail_price_amount, "
            "case when $is_told then true end as is_ranged, $is_full as is_full_extract",
            {
                "store": store,
                "item": item,
                "day": day,
                "on_hand": self.stock[store, item],
                "is_told": is_full or self.random.random() < 0.8,
                "is_full": is_full,
            },
        )


@pytest.fixture(params=range(2))
def nights(attached: duckdb.DuckDBPyConnection, request: pytest.FixtureRequest) -> Nights:
    return Nights(attached, request.param)


def test_whatever_is_delivered_in_whatever_order_a_night_tells_what_a_full_build_would(
    nights: Nights,
) -> None:
    drawn = nights.random
    arrived = 0
    for _ in range(30):
        # A run of new days, of which some are left out, and now and then an old one.
        newest = [arrived + number for number in range(drawn.choice([1, 1, 1, 2, 4]))]
        arrived = newest[-1] + 1
        numbers = [number for number in newest if drawn.random() < 0.9]
        if drawn.random() < 0.4:
            numbers.append(drawn.randrange(arrived))
        days = [FIRST_DAY + timedelta(days=number) for number in numbers]
        for day in days:
            nights.deliver(day)
        if drawn.random() < 0.3:
            # On one of few days, so that now and then it is the one on which a version began.
            number = 5 * drawn.randrange(max(0, arrived - 20) // 5, (arrived + 8) // 5)
            begins = FIRST_DAY + timedelta(days=1 + number)
            entity, members = drawn.choice([("product", ITEMS), ("store", tuple(STORES))])
            days += nights.version(entity, drawn.choice(members), begins)
        nights.night(days)
        assert nights.spans.differences() == []
    rows = nights.connection.execute(
        "select count(*), count(*) filter (is_snapshot_missing), max(from_date) "
        f"from warehouse.core.{MODEL}"
    ).fetchone()
    assert rows > (200, 5, FIRST_DAY + timedelta(days=40))


def test_a_night_writes_what_changed_and_leaves_what_ended_before(nights: Nights) -> None:
    days = [FIRST_DAY + timedelta(days=number) for number in range(12)]
    for day in days:
        for store in STORES:
            for item in ITEMS[:3]:
                nights.stock[store, item] = 1 + (item == "milk" and day >= days[5])
                nights.state(store, item, day, is_full=True)
    nights.night(days)
    assert nights.written() == 12

    # Nothing but the milk of one store is another on the new day: that it lasts no longer is told.
    day = days[-1] + timedelta(days=1)
    for store in STORES:
        for item in ITEMS[:3]:
            nights.stock[store, item] += (store, item) == ("B", "milk")
            nights.state(store, item, day, is_full=True)
    nights.night([day])
    assert nights.written() == 2
    assert nights.spans.differences() == []

    # Of an old day the milk of that store is restated: what ended on the day before still stands.
    nights.connection.execute(
        "update raw.staging.stg_stock__snapshot set on_hand_quantity = 7 "
        "where store_id = 'B' and product_id = 'milk' and business_date = ?",
        [days[8]],
    )
    nights.night([days[8]])
    assert nights.spans.differences() == []
    earliest = nights.connection.execute("select min(from_date), min(to_date) from told").fetchone()
    assert earliest == (days[5], days[7])
