"""Measures what the marts of stock cost a night: `python -m benchmarks.stock`.

200 stores and 20,000 items, each stocked in each, over 60 days and over 120. Loading so many days
would take hours, so the spans of stock that they would have become are planted, and sales with
them; then dbt builds the marts, and builds those of one more day. What loading a day and making
its spans costs is not in it. A night is to cost what came in, not what came before.
"""

import shutil
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import click
import duckdb

from benchmarks.house import HERE, compile_bytecode
from benchmarks.measure import Cost, measure
from benchmarks.report import told, versions
from pipelines.feeds.raw_tables import create_tables
from pipelines.settings import Settings
from pipelines.warehouse.dbt import invoke_dbt, raise_for_failures

FIRST_DATE = date(2026, 1, 4)
"""A Sunday: a fiscal week begins."""

STORES = 200
ITEMS = 20_000
MARTS = ("store_item_rate", "store_item", "weekday_index", "inventory_health", "stock_ageing")
MODELS = ("int_store_item__stocked", *MARTS)

PLANTED = tuple(
    f"core.{name}"
    for name in (
        "dim_product",
        "fct_inventory_snapshot",
        "fct_sales",
        "fct_sales_day",
        "fct_sales_week",
        "fct_stock_movement",
    )
)

EVENTS = """
create table event as
select
    store_no, item_no, day_no, line_count,
    row_number() over (partition by store_no, item_no order by day_no) as event_no
from (
    select
        store_no, item_no, day_no,
        1 + (hash(store_no, item_no, day_no, 'line') % 10 = 0)::int as line_count,
        case
            when item_no % 10 = 0 then 250000 when item_no % 10 < 4 then 50000 else 5000
        end as chance
    from range($stores) as store (store_no)
    cross join range($items) as item (item_no)
    cross join range($days) as day (day_no)
    where hash(hash(store_no, item_no, day_no)) % 1000000 < chance
)
"""
"""Days on which an item sold in a store: one item in ten on a quarter of the days, three on a
twentieth, the others on one of 200."""

SPANS = """
insert into warehouse.core.fct_inventory_snapshot by name
with

state as (
    select store_no, item_no, day_no, event_no from event
    union all
    select store_no, item_no, -1 as day_no, 0 as event_no
    from range($stores) as store (store_no) cross join range($items) as item (item_no)
),

lasting as (
    select
        *, $first_date + greatest(day_no, 0)::int as from_date,
        $first_date + (lead(day_no, 1, $days) over (
            partition by store_no, item_no order by day_no
        ) - 1)::int as to_date
    from state
),

span as (
    select
        store_no, item_no, fiscal_period_start_date,
        greatest(from_date, period_from_date) as from_date,
        least(to_date, period_to_date) as to_date,
        -- Each sale takes a piece; at nothing the next one finds the shelf filled again.
        (3 + item_no % 7 - event_no % (4 + item_no % 7))::decimal(18, 3) as on_hand_quantity
    from lasting
    inner join (
        select
            fiscal_period_start_date, min(date_day) as period_from_date,
            max(date_day) as period_to_date
        from warehouse.core.dim_date
        where date_day >= $first_date - 60 group by all
    ) on from_date <= period_to_date and to_date >= period_from_date
    where to_date >= from_date
)

select
    store_no as store_key, printf('S%03d', store_no) as store_id, item_no as product_key,
    printf('I%05d', item_no) as product_id, fiscal_period_start_date, from_date, to_date,
    on_hand_quantity, 2 as unit_cost_amount, 3 as retail_price_amount, true as is_ranged,
    0 as safety_stock_quantity, 0 as residual_quantity, false as is_snapshot_missing,
    2 * on_hand_quantity as stock_cost_amount, 3 * on_hand_quantity as stock_retail_amount,
    on_hand_quantity <= 0 as is_out_of_stock
from span
order by fiscal_period_start_date, store_no
"""

SALES = """
insert into warehouse.core.fct_sales by name
select
    printf('%d-%d-%d', day_no, store_no, item_no) as receipt_id, number as line_number,
    $first_date + day_no::int as business_date, store_no as store_key,
    printf('S%03d', store_no) as store_id, item_no as product_key,
    printf('I%05d', item_no) as product_id, 'sale' as line_type, 1 as quantity, 1 as unit_count,
    3 as net_amount, 1 as margin_amount, 0 as gross_amount, 0 as line_discount_amount,
    0 as store_coupon_amount, 0 as basket_discount_amount, 0 as promotion_key
from event cross join lateral unnest(range(line_count)) as t (number)
where day_no >= $from_day
order by day_no;
insert into warehouse.core.fct_sales_day by name
select
    store_id, business_date, false as is_rolled, count(*) as receipt_count,
    sum(net_amount) as net_amount, count(*) as line_count
from warehouse.core.fct_sales where business_date >= $first_date + $from_day::int group by all;
delete from warehouse.core.fct_sales_week
where fiscal_week_start_date >= $first_date + 7 * ($from_day // 7)::int;
insert into warehouse.core.fct_sales_week by name
select
    store_id, product_id, 'no promotion' as promotion_id, fiscal_week_start_date,
    count(*) as line_count, sum(quantity) as quantity, sum(unit_count) as unit_count,
    sum(net_amount) as net_amount, sum(margin_amount) as margin_amount, false as is_rolled
from warehouse.core.fct_sales
inner join warehouse.core.dim_date on business_date = date_day
where business_date >= $first_date + 7 * ($from_day // 7)::int
group by all;
insert into warehouse.core.fct_stock_movement by name
select
    printf('%d-%d-%d', day_no, store_no, item_no) as movement_id,
    $first_date + day_no::int as business_date, store_no as store_key,
    printf('S%03d', store_no) as store_id, item_no as product_key,
    printf('I%05d', item_no) as product_id, 'receipt' as movement_type_code,
    3 + item_no % 7 as movement_quantity, -1 as supplier_key, 'unknown' as supplier_id
from event where event_no % (4 + item_no % 7) = 0 and day_no >= $from_day;
"""

DELIVERIES = """
insert into raw.intermediate.int_stock__delivered by name
select
    printf('S%03d', store_no) as store_id, $first_date + day_no::int as business_date,
    true as has_full_extract, false as has_changes
from range($stores) as store (store_no) cross join range($from_day, $days) as day (day_no);
"""

MASTERS = """
delete from warehouse.core.dim_product;
insert into warehouse.core.dim_product by name
select
    item_no as product_key, printf('I%05d', item_no) as product_id,
    printf('category %d', item_no % 200) as category_name,
    printf('department %d', item_no % 20) as department_name, true as is_current,
    date '1900-01-01' as valid_from_date, date '9999-12-31' as valid_to_date,
    false as is_inferred, 'item' as product_name
from range($items) as item (item_no);
"""


def make_tables(settings: Settings) -> None:
    """Create all tables that the marts read, empty."""
    settings.make_directories()
    with duckdb.connect(str(settings.raw_database)) as connection:
        create_tables(connection)
    without_tests = ["--exclude-resource-type", "test", "unit_test"]
    selected = [f"+{mart}" for mart in MARTS]
    raise_for_failures(
        invoke_dbt(settings, ["--quiet", "build", "--select", *selected, *without_tests])
    )
    _without_constraints(settings)


def _without_constraints(settings: Settings) -> None:
    """Make the planted tables anew without constraints: what no mart reads is not planted."""
    with duckdb.connect(str(settings.warehouse_database)) as connection:
        for table in PLANTED:
            connection.execute(f"create or replace table {table} as from {table}")


def plant(settings: Settings, days: int, from_day: int) -> None:
    """Let the warehouse know days of stock and sales, of which those from `from_day` on are new."""
    with duckdb.connect(
        str(settings.warehouse_database.with_name("planting.duckdb"))
    ) as connection:
        connection.execute(f"set memory_limit = '2500MB'; set temp_directory = '{settings.work}'")
        connection.execute(f"attach '{settings.raw_database}' as raw")
        connection.execute(f"attach '{settings.warehouse_database}' as warehouse")
        connection.execute("drop table if exists event")
        values = {
            "stores": STORES,
            "items": ITEMS,
            "days": days,
            "first_date": FIRST_DATE,
            "from_day": from_day,
        }
        # One file takes what a transaction writes.
        for text in (EVENTS, MASTERS, "delete from warehouse.core.fct_inventory_snapshot"):
            _execute(connection, text, values)
        for text in (SPANS, SALES, DELIVERIES):
            _execute(connection, text, values)
        connection.execute("delete from raw.ledger.changed_business_date")
        connection.execute(
            "insert into raw.ledger.changed_business_date "
            "select unnest(range($from::date, $to::date, interval 1 day))::date, true",
            {
                "from": FIRST_DATE + timedelta(days=from_day),
                "to": FIRST_DATE + timedelta(days=days),
            },
        )


def build(settings: Settings, *models: str) -> Cost:
    """Measure dbt over the models and their tests, in a process of its own."""
    code = (
        "import sys; from pipelines.settings import Settings; "
        "from pipelines.warehouse.dbt import invoke_dbt, raise_for_failures; "
        "raise_for_failures(invoke_dbt(Settings(), ['--quiet', 'build', '--select', "
        "*sys.argv[1:], '--exclude-resource-type', 'unit_test']))"
    )
    return measure(
        [sys.executable, "-c", code, *models],
        log=settings.home / "build.log",
        environment={
            "TILLHOUSE_HOME": str(settings.home),
            "TILLHOUSE_MEMORY_LIMIT": "2000MB",
        },
    )


def dense_view_seconds(settings: Settings, days: int) -> float:
    """The best of five answers to what one store's stock was on each day of the last week."""
    last = FIRST_DATE + timedelta(days=days - 1)
    seconds = []
    with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
        for _ in range(5):
            begun = time.perf_counter()
            rows = connection.execute(
                "select date_day, product_id, stock_state_code, on_hand_quantity "
                "from marts.inventory_health "
                "inner join core.dim_date on date_day between from_date and to_date "
                "where store_id = 'S100' and dim_date.fiscal_week_start_date = "
                "(select fiscal_week_start_date from core.dim_date where date_day = $last) "
                "and inventory_health.fiscal_week_start_date = dim_date.fiscal_week_start_date",
                {"last": last},
            ).fetchall()
            seconds.append(time.perf_counter() - begun)
    assert rows
    return min(seconds)


def _execute(connection: duckdb.DuckDBPyConnection, text: str, values: dict[str, object]) -> None:
    for statement in connection.extract_statements(text):
        known = {name: values[name] for name in statement.named_parameters}
        connection.execute(statement, known)


@click.command()
@click.option("--days", type=int, multiple=True, default=(60, 120), show_default=True)
@click.option("--work", type=click.Path(path_type=Path), default=HERE / "work", show_default=True)
@click.option("--keep", is_flag=True, help="Keep the homes.")
def main(days: tuple[int, ...], work: Path, keep: bool) -> None:
    """Measure the marts of stock in full and for one night, on so many days before it."""
    compile_bytecode()
    click.echo(versions())
    for count in days:
        home = work.absolute() / f"stock_{count}"
        shutil.rmtree(home, ignore_errors=True)
        settings = Settings(home=home)
        try:
            make_tables(settings)
            plant(settings, count, 0)
            click.echo(f"{count} days, all: {told(build(settings, *MODELS))}")
            plant(settings, count + 1, count)
            click.echo(f"{count} days, the night: {told(build(settings, *MODELS))}")
            view = dense_view_seconds(settings, count + 1)
            click.echo(f"{count} days, a store and week written out: {view * 1000:.0f} ms")
        finally:
            if not keep:
                shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
