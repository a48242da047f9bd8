"""Measures what a night of stock costs: `python -m benchmarks.stock`.

200 stores and 20,000 items, each stocked in each and delivered in full, on 60 days before the night
and on 120. To load so many days would take hours, so they are planted: the rows that were loaded,
the spans of stock and the sales that they would have become, and sums by week, which dbt builds.
Then the night is run: its files of stock, movements and sales are loaded, dbt builds what is made
of stock, with its tests, and the gate asks the suites of these tables. What is made of sales alone,
dimensions, publishing and Dagster are not in it. A night is to cost what came in, not what came
before.
"""

import json
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import click
import duckdb

from benchmarks.house import HERE, compile_bytecode
from benchmarks.measure import measure
from benchmarks.report import told, versions
from benchmarks.stocked import (
    DELIVERIES,
    EVENTS,
    FILES,
    MAPPINGS,
    MASTERS,
    MOVEMENTS,
    NAMED,
    ROWS,
    SALES,
    SPANS,
)
from pipelines.assets.gate import personal_columns
from pipelines.feeds.ledger import insert_files
from pipelines.feeds.loader import load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.feeds.raw_tables import create_tables
from pipelines.quality.gate import run_gate
from pipelines.quality.suites import Suite, load_suites
from pipelines.settings import Settings
from pipelines.warehouse.dbt import invoke_dbt, manifest_path, raise_for_failures

FIRST_DATE = date(2026, 1, 4)
"""A Sunday: a fiscal week begins."""

MEMORY = "1800MB"
"""What DuckDB is given: the process takes more."""

ITEMS = 20_000
SUMMED = (
    "fct_stock_day",
    "int_store_item__stocked",
    "store_item_rate",
    "store_item",
    "weekday_index",
    "inventory_health",
    "store_stock_week",
    "stock_ageing",
    "climate_mismatch",
    "transfer_suggestion",
    "stock_ledger",
)
"""What dbt makes of the planted days."""

MODELS = (
    "int_stock__delivered",
    "int_stock__moved",
    "int_stock__referenced",
    "fct_stock_movement",
    "fct_inventory_snapshot",
    *SUMMED,
)
"""What is made of stock."""

PLANTED = tuple(
    f"core.{name}"
    for name in (
        "dim_product",
        "dim_store",
        "fct_inventory_snapshot",
        "fct_sales",
        "fct_sales_day",
        "fct_sales_week",
        "fct_stock_movement",
    )
)


def make_tables(settings: Settings) -> None:
    """Create all tables that the models read, empty."""
    settings.make_directories()
    with duckdb.connect(str(settings.raw_database)) as connection:
        create_tables(connection)
    without_tests = ["--exclude-resource-type", "test", "unit_test"]
    selected = [f"+{model}" for model in MODELS]
    raise_for_failures(
        invoke_dbt(settings, ["--quiet", "build", "--select", *selected, *without_tests])
    )
    with duckdb.connect(str(settings.warehouse_database)) as connection:
        # Without constraints: what no model reads is not planted.
        for table in PLANTED:
            connection.execute(f"create or replace table {table} as from {table}")


@contextmanager
def planting(
    settings: Settings, days: int, stores: int, **more: object
) -> Iterator[Callable[[str], None]]:
    """Run statements over both files and the events of so many days."""
    values = {"stores": stores, "items": ITEMS, "days": days, "first_date": FIRST_DATE, **more}
    with duckdb.connect(
        str(settings.warehouse_database.with_name("planting.duckdb"))
    ) as connection:
        connection.execute(f"set memory_limit = '2500MB'; set temp_directory = '{settings.work}'")
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"attach '{settings.raw_database}' as raw")
        connection.execute(f"attach '{settings.warehouse_database}' as warehouse")

        def run(text: str) -> None:
            for statement in connection.extract_statements(text):
                known = {name: values[name] for name in statement.named_parameters}
                connection.execute(statement, known)

        run("drop table if exists event")
        run(EVENTS)
        yield run


def plant(settings: Settings, days: int, stores: int, recent: int) -> None:
    """Let the house know so many days of stock and sales, and of the recent ones rows and sums."""
    with planting(settings, days, stores, from_day=0, recent=recent) as run:
        for text in (MASTERS, SPANS, SALES, MOVEMENTS, DELIVERIES, NAMED, ROWS):
            run(text)
        run(
            "insert into raw.ledger.changed_business_date "
            "select $first_date + range::int, true from range($days - $recent, $days)"
        )
    settings.mappings.mkdir(parents=True, exist_ok=True)
    for name, text in MAPPINGS.items():
        (settings.mappings / f"{name}.yml").write_text(text, encoding="utf-8")
    with duckdb.connect(str(settings.raw_database)) as connection:
        loaded = {"feed": "stock_snapshot", "status": "loaded", "delivery": "full"}
        insert_files(connection, [{"file_id": number + 1, **loaded} for number in range(days)])
    # All days at once are a full build, which sorts nothing.
    whole = ["--full-refresh"] if recent == days else []
    without_tests = ["--exclude-resource-type", "test", "unit_test"]
    raise_for_failures(
        invoke_dbt(settings, ["--quiet", "build", "--select", *SUMMED, *whole, *without_tests])
    )
    with planting(settings, days, stores) as run:
        # What was sold in weeks without sums would be found missing.
        run(
            "delete from warehouse.core.fct_sales_week where fiscal_week_start_date "
            "not in (select fiscal_week_start_date from warehouse.marts.store_item)"
        )


def land(settings: Settings, day: int, stores: int) -> None:
    """Write the files of a day, and let the house know the sales that theirs will have become."""
    with planting(settings, day + 1, stores, day_no=day, from_day=day) as run:
        for name, query in FILES.items():
            path = settings.landing / name.format(date=FIRST_DATE + timedelta(days=day))
            path.parent.mkdir(parents=True, exist_ok=True)
            run(f"copy ({query}) to '{path}' (format csv, header)")
        run(SALES)


def run_night(settings: Settings) -> None:
    """Load the files of the night, build what is made of stock with its tests, and ask the gate."""
    steps = {}

    def cost(step: str, work: Callable[[], object]) -> None:
        before = resource.getrusage(resource.RUSAGE_SELF)
        work()
        after = resource.getrusage(resource.RUSAGE_SELF)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        steps[step] = round(seconds, 1)

    def build() -> None:
        outcome = invoke_dbt(
            settings,
            ["--quiet", "build", "--select", *MODELS, "--exclude-resource-type", "unit_test"],
        )
        raise_for_failures(outcome)
        for result in outcome.result.results:
            steps[result.node.name] = round(result.execution_time, 1)

    cost("load", lambda: _load(settings))
    cost("build", build)
    suites = load_suites(settings.expectations, layers=["raw", "core", "marts", "audit"])
    tables = (*MODELS, "stock_snapshot", "stock_movement")
    asked = [suite for suite in suites if suite.table.split(".")[1] in tables]
    cost("gate", lambda: _ask(settings, asked))
    print(json.dumps(steps))


def _load(settings: Settings) -> None:
    with duckdb.connect(str(settings.raw_database)) as connection:
        connection.execute(f"set memory_limit = '{settings.memory_limit}'; set threads = 2")
        summary = load_landed_files(
            connection,
            landing=settings.landing,
            mappings=load_mappings(settings.mappings),
            work=settings.work,
        )
        assert not summary.refused, summary.refused
        connection.execute("delete from ledger.changed_business_date")
        connection.execute(
            "insert into ledger.changed_business_date "
            "select max(business_date), true from feeds.stock_snapshot"
        )


def _ask(settings: Settings, suites: list[Suite]) -> None:
    report = run_gate(
        {"raw": settings.raw_database, "warehouse": settings.warehouse_database},
        suites,
        settings.data_docs / "night",
        personal_columns=personal_columns(manifest_path(settings)),
        settings={"memory_limit": settings.memory_limit},
    )
    report.raise_for_status()


def dense_view_seconds(settings: Settings) -> float:
    """The best of five answers to what one store's stock was on each day of the last week.

    Read as Arrow, as tools of business intelligence do: rows as Python's objects cost more than
    the answer.
    """
    seconds = []
    with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
        for _ in range(5):
            begun = time.perf_counter()
            rows = connection.execute(
                "select date_day, product_id, stock_state_code, on_hand_quantity "
                "from marts.inventory_health "
                "inner join core.dim_date on date_day between from_date and to_date "
                "where store_id = 'S001' and dim_date.fiscal_week_start_date = "
                "(select max(fiscal_week_start_date) from marts.inventory_health) "
                "and inventory_health.fiscal_week_start_date = dim_date.fiscal_week_start_date",
            ).to_arrow_table()
            seconds.append(time.perf_counter() - begun)
    assert rows.num_rows
    return min(seconds)


@click.command()
@click.option("--days", type=int, multiple=True, default=(60, 120), show_default=True)
@click.option("--stores", type=int, default=200, show_default=True)
@click.option(
    "--recent",
    type=int,
    default=10,
    show_default=True,
    help="Days whose rows and sums are planted.",
)
@click.option("--work", type=click.Path(path_type=Path), default=HERE / "work", show_default=True)
@click.option("--keep", is_flag=True, help="Keep the homes.")
@click.option("--night", type=click.Path(path_type=Path), hidden=True)
def main(
    days: tuple[int, ...],
    stores: int,
    recent: int,
    work: Path,
    keep: bool,
    night: Path | None,
) -> None:
    """Measure a night of stock on so many days before it."""
    if night:
        run_night(Settings(home=night))
        return
    compile_bytecode()
    click.echo(versions())
    for count in days:
        home = work.absolute() / f"stock_{count}"
        shutil.rmtree(home, ignore_errors=True)
        # As the night has it, or dbt parses the project anew.
        settings = Settings(home=home, memory_limit=MEMORY)
        try:
            make_tables(settings)
            plant(settings, count, stores, min(recent, count))
            land(settings, count, stores)
            log = home / "night.log"
            cost = measure(
                [sys.executable, "-m", "benchmarks.stock", "--night", home],
                log=log,
                environment={"TILLHOUSE_MEMORY_LIMIT": MEMORY},
            )
            click.echo(f"{stores} stores, {count} days: {told(cost)}")
            click.echo(log.read_text(encoding="utf-8").splitlines()[-1])
            size = settings.warehouse_database.stat().st_size
            view = dense_view_seconds(settings)
            click.echo(f"{size / 1e6:,.0f} MB; a store and week written out: {view * 1000:.0f} ms")
        finally:
            if not keep:
                shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
