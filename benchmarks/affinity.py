"""Measures what is bought together on generated baskets: `python -m benchmarks.affinity`.

Stores, items, receipts and lines stand in a warehouse as the models have them, with the columns
that pairs are made of; dbt builds pairs and communities in a process of its own. Each basket has
one of some purposes, which half of its lines are bought for.
"""

import shutil
import sys
from datetime import date
from pathlib import Path

import click
import duckdb

from benchmarks.generate import CATEGORIES, ITEMS, LINES_PER_RECEIPT, SEED, STORES
from benchmarks.house import HERE, compile_bytecode
from benchmarks.measure import measure
from benchmarks.report import told, versions
from pipelines.feeds.raw_tables import create_tables
from pipelines.settings import Settings
from pipelines.sql import fetch_one
from pipelines.warehouse.dbt import invoke_dbt, raise_for_failures

MODELS = ("basket_affinity", "int_affinity_member__grouped", "shelf_group")
CLUSTERS, PURPOSES = 3, 20

_BUILD = f"""
from pipelines.settings import Settings
from pipelines.warehouse.dbt import invoke_dbt, raise_for_failures
raise_for_failures(invoke_dbt(Settings(), ["--quiet", "run", "--select", *{MODELS}]))
"""

_MASTERS = f"""
create or replace temp macro share(stream, place, part) as
    (hash({SEED}, stream, place, part) >> 11) / 9007199254740992.0;
create or replace table core.dim_store as
select store_key, printf('S%03d', store_key) as store_id, true as is_current,
    printf('cluster %d', store_key % {CLUSTERS}) as cluster_code
from range(1, {STORES} + 1) as stores (store_key);
create or replace table core.dim_product as
select item + 1 as product_key, printf('I%05d', item) as product_id, true as is_current,
    printf('Item %d', item) as product_name,
    printf('Category %03d', item % {CATEGORIES}) as category_name
from range({ITEMS}) as items (item);
create or replace table core.fct_basket as
select printf('S%03d-%d-%s-%d', store_key, receipt % 4, business_date, receipt) as receipt_id,
    business_date, store_key, true as is_transaction, receipt
from (
    select receipt, $first_date + cast(floor(receipt * $days / $receipts) as int) as business_date,
        1 + cast(floor(pow(share('store', 0, receipt), 1.4) * {STORES}) as bigint) as store_key
    from range($receipts) as receipts (receipt)
);
create or replace table core.fct_sales as
select receipt_id, business_date, store_key, 'sale' as line_type, 1 as quantity,
    1 + case
        when share('purpose', receipt, line) < 0.5 then drawn
        -- the next item of a category of the basket's purpose
        else least({ITEMS} - 1, drawn - drawn % {PURPOSES} + receipt % {PURPOSES})
    end as product_key
from (
    select fct_basket.*, line,
        cast(floor(pow(share('item', receipt, line), 3) * {ITEMS}) as bigint) as drawn
    from core.fct_basket
    cross join lateral (select unnest(range(1, 2 + least(79, cast(floor(
        -ln(1 - share('lines', 0, receipt)) * {LINES_PER_RECEIPT - 0.5}) as int)))) as line)
);
"""


def prepare(settings: Settings, lines: int, days: int) -> date:
    """Lay down a warehouse with masters, receipts and lines; returns its last business date."""
    settings.make_directories()
    with duckdb.connect(str(settings.raw_database)) as connection:
        create_tables(connection)
    upstream = [f"+{model}" for model in MODELS]
    empty = ["--quiet", "run", "--select", *upstream]
    raise_for_failures(invoke_dbt(settings, ["--quiet", "seed"]))
    raise_for_failures(invoke_dbt(settings, empty))
    first_date = date(2020, 1, 1)
    with duckdb.connect(str(settings.warehouse_database)) as connection:
        connection.execute("set threads = 2")
        values = {
            "first_date": first_date,
            "days": days,
            "receipts": int(lines // LINES_PER_RECEIPT),
        }
        for statement in filter(str.strip, _MASTERS.split(";\n")):
            named = {name: value for name, value in values.items() if f"${name}" in statement}
            connection.execute(statement, named or None)
        for table in ("basket_affinity", "shelf_group"):
            connection.execute(f"drop table marts.{table}")
        return fetch_one(connection, "select max(business_date) from core.fct_basket")[0]


@click.command()
@click.option("--lines", type=int, default=10_000_000, show_default=True)
@click.option("--days", type=int, default=365, show_default=True)
@click.option("--memory", default="1000MB", show_default=True, help="What DuckDB may use.")
@click.option("--work", type=click.Path(path_type=Path), default=HERE / "work", show_default=True)
@click.option("--keep", is_flag=True, help="Keep the home.")
def main(lines: int, days: int, memory: str, work: Path, keep: bool) -> None:
    """Measure a full build and that of a night, which brings one day anew."""
    compile_bytecode()
    click.echo(versions())
    home = work.absolute() / "affinity"
    shutil.rmtree(home, ignore_errors=True)
    settings = Settings(home=home)
    try:
        last_date = prepare(settings, lines, days)
        environment = {"TILLHOUSE_HOME": str(home), "TILLHOUSE_MEMORY_LIMIT": memory}
        for step in ("full", "night"):
            cost = measure(
                [sys.executable, "-c", _BUILD], log=home / f"{step}.log", environment=environment
            )
            click.echo(f"{lines:,} lines of {days} days, {step}: {told(cost)}")
            with duckdb.connect(str(settings.raw_database)) as connection:
                connection.execute("delete from ledger.changed_business_date")
                connection.execute(
                    "insert into ledger.changed_business_date values (?, true)", [last_date]
                )
        with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
            for table in ("basket_affinity", "shelf_group"):
                rows = fetch_one(connection, f"select count(*) from marts.{table}")[0]
                click.echo(f"marts.{table}: {rows:,} rows")
    finally:
        if not keep:
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
