"""The floor: the house's work in plain SQL, in one process, with nothing around it.

Same files in, same tables and marts out, to the same rows. No file gate, no quarantine, no ledger,
no tests, no gate, no publishing, no page, no Dagster and no dbt: what those cost is the difference.

    python -m benchmarks.floor full  --delivery DIR --home DIR --models models.json
    python -m benchmarks.floor night --delivery DIR --home DIR --models models.json
"""

import json
import re
import time
from datetime import date
from pathlib import Path
from typing import Any

import click
import duckdb
import yaml

from benchmarks.delivery import Delivery, delivery_in
from benchmarks.floor_dimensions import (
    COUNTS,
    CUSTOMER,
    DIMENSIONS,
    dimension,
    id_of,
    members,
    named,
)
from benchmarks.models import Model, load
from pipelines.feeds.raw_tables import create_tables

SEEDS = Path(__file__).resolve().parent.parent / "dbt_project" / "seeds"

_FEEDS = {
    "sales": """
        store varchar, till varchar, receipt bigint, line bigint, type varchar, void boolean,
        item varchar, quantity decimal(18, 3), unit varchar, shelf_price decimal(18, 4),
        amount decimal(18, 4), discount decimal(18, 4), store_coupon decimal(18, 4),
        maker_coupon decimal(18, 4), tax decimal(18, 4), cost decimal(18, 4),
        sold_at timestamp, card varchar, channel varchar""",
    "coverage": "promotion varchar, item varchar, store varchar, last_day date",
    "items": """
        item varchar, barcode varchar, name varchar, department varchar, category varchar,
        brand varchar, size varchar, own_brand boolean""",
    "stores": """
        store varchar, name varchar, format varchar, opened date, area decimal(18, 2),
        region varchar, cluster varchar, country varchar""",
    "customers": """
        card varchar, given_name varchar, family_name varchar, mail varchar, born date,
        postcode varchar, joined timestamp, home_store varchar""",
    "promotions": """
        promotion varchar, name varchar, type varchar, first_day date, last_day date""",
}
"""Columns of each feed's files, with their types."""

_SALES = f"""
    with coverage_day as (
        -- coverage runs for whole weeks: as days it is found by equality, not by a range
        select store, item, day, min(promotion) as promotion
        from (
            select
                store, item, promotion,
                cast(unnest(range(first_day, last_day + 1, interval 1 day)) as date) as day
            from raw.feeds.coverage
            where first_day <= $last and last_day >= $first
        )
        group by all
    ),
    store_day as (select distinct store, day from coverage_day),
    profile as (
        -- nothing but the channel is told of a line here
        select
            channel,
            channel || '|unknown|unknown|online|no override|no card' as attributes,
            cast('0x' || substr(md5(attributes), 1, 15) as bigint) as transaction_profile_key
        from (values ('store'), ('web'), ('app'), ('phone'), ('social')) as used (channel)
    ),
    customer as (
        select coalesce(card, 'unknown') as reference, customer_key, customer_id
        from (
            select distinct card from raw.feeds.sales where business_date between $first and $last
        )
        inner join core.dim_customer on coalesce({CUSTOMER.format("card")}, 'unknown') = customer_id
    ),
    line as (
        select
            sales.*,
            case when type = 'return' then -1 else 1 end as factor,
            case when type = 'return' then -abs(quantity) else quantity end as signed_quantity,
            case when type = 'return' then -abs(amount) else amount end as net,
            cast(signed_quantity * cost as decimal(18, 4)) as cost_amount
        from raw.feeds.sales
        where {COUNTS} and business_date between $first and $last
    )
    select
        concat_ws('-', line.store, till, cast(business_date as varchar), receipt) as receipt_id,
        line as line_number,
        business_date,
        sold_at,
        dim_store.store_key,
        dim_store.store_id,
        till as workstation_id,
        dim_product.product_key,
        dim_product.product_id,
        customer.customer_key,
        customer.customer_id,
        card as customer_ref,
        dim_promotion.promotion_key,
        cast(-1 as bigint) as employee_key,
        'unknown' as employee_id,
        profile.transaction_profile_key,
        type as line_type,
        coalesce(line.channel, 'store') as channel,
        unit as unit_of_measure,
        signed_quantity as quantity,
        cast(case
            when quantity = 0 then 0
            when unit is null or unit = 'each' then signed_quantity
            else sign(signed_quantity)
        end as decimal(18, 3)) as unit_count,
        cast(net + factor * (discount + store_coupon) as decimal(18, 4)) as gross_amount,
        cast(factor * discount as decimal(18, 4)) as line_discount_amount,
        cast(factor * store_coupon as decimal(18, 4)) as store_coupon_amount,
        cast(0 as decimal(18, 4)) as basket_discount_amount,
        net as net_amount,
        cast(factor * maker_coupon as decimal(18, 4)) as manufacturer_coupon_amount,
        case when type = 'return' then -abs(tax) else tax end as tax_amount,
        line.cost_amount,
        cast(net - line.cost_amount as decimal(18, 4)) as margin_amount,
        case when line.cost_amount is null then 'none' else 'line' end as unit_cost_source
    from line
    left join coverage_day
        on line.store = coverage_day.store and line.item = coverage_day.item
        and business_date = coverage_day.day
    left join store_day on line.store = store_day.store and business_date = store_day.day
    left join profile on coalesce(line.channel, 'store') = profile.channel
    left join core.dim_store on line.store = store_id
    left join core.dim_product on line.item = product_id
    left join customer on coalesce(card, 'unknown') = reference
    left join core.dim_promotion
        on promotion_id = coalesce(
            promotion, case when store_day.store is null then 'unknown' else 'no promotion' end
        )
"""

_PROMO_COVERAGE = """
    select
        promotion_key, promotion_id, product_key, product_id, store_key, store_id,
        first_day as from_date, last_day as to_date
    from raw.feeds.coverage
    left join core.dim_promotion on promotion = promotion_id
    left join core.dim_product on item = product_id
    left join core.dim_store on store = store_id
"""


class Floor:
    """The floor's database files, and what each step took of the processor."""

    def __init__(self, home: Path, delivery: Delivery, models: list[Model]) -> None:
        self.delivery = delivery
        self.models = models
        self.cpu_seconds: dict[str, float] = {}
        self._seen = 0.0
        self.connection = duckdb.connect(str(home / "warehouse.duckdb"))
        self.connection.execute("set threads = 2")
        self.connection.execute("set memory_limit = '2500MB'")
        self.connection.execute("set timezone = 'UTC'")
        self.connection.execute("set enable_progress_bar = false")
        # Marts ask feeds that this retailer does not deliver; there they find an empty table.
        with duckdb.connect(str(home / "raw.duckdb")) as raw:
            create_tables(raw)
        self.connection.execute(f"attach '{home / 'raw.duckdb'}' as raw")
        self._done("connect")

    def full(self) -> None:
        """Build everything from the landed year."""
        for schema in ("core", "raw.seeds"):
            self._run(f"create schema {schema}")
        for path in sorted(SEEDS.glob("*.csv")):
            self._run(f"create table raw.seeds.{path.stem} as {read_seed(path)}")
        for feed in _FEEDS:
            self._run(f"create table raw.feeds.{feed} as {read_feed(feed, self.delivery.landing)}")
            self._done(f"load {feed}")
        first, last = self.delivery.first_date, self.delivery.night_date
        self._probe(first, last)
        for name in DIMENSIONS:
            self._run(f"create table core.{name} as {dimension(name, members(name))}")
            self._done(name)
        self._run(f"create table core.fct_sales as {_SALES}", first=first, last=last)
        self._done("fct_sales")
        self._run(f"create table core.fct_promo_coverage as {_PROMO_COVERAGE}")
        self._done("fct_promo_coverage")
        for model in self.models:
            kind = "view" if model.is_view else "table"
            self._run(f"create schema if not exists {model.relation.rpartition('.')[0]}")
            self._run(f"create {kind} {model.relation} as {self._query_of(model)}")
            self._done(model.relation.rpartition(".")[2])

    def night(self) -> None:
        """Add the next day: its rows, and the periods of the marts that hold it."""
        day = self.delivery.night_date
        self._run(f"insert into raw.feeds.sales {read_feed('sales', self.delivery.night(day))}")
        self._done("load sales")
        self._probe(day, day)
        for name in DIMENSIONS:
            new = f"({named(name, day)} except select {id_of(name)} from core.{name})"
            self._run(f"insert into core.{name} {dimension(name, new)}")
            self._done(name)
        self._run(
            "create or replace table raw.ledger.changed_business_date as "
            "select $day as business_date, true as is_fact_changed",
            day=day,
        )
        self._run("delete from core.fct_sales where business_date = $day", day=day)
        self._run(f"insert into core.fct_sales {_SALES}", first=day, last=day)
        self._done("fct_sales")
        for model in self.models:
            if model.replaces:
                self._run(_delete_changed(model.relation, model.replaces))
                self._run(f"insert into {model.relation} {model.query}")
            elif not model.is_view:
                query = self._query_of(model)
                self._run(f"create or replace table {model.relation} as {query}")
            self._done(model.relation.rpartition(".")[2])

    def close(self) -> None:
        """Write everything to the files."""
        self.connection.execute("checkpoint")
        self.connection.execute("checkpoint raw")
        self.connection.close()
        self._done("checkpoint")

    def _query_of(self, model: Model) -> str:
        """The select of a model; of one in Python, of what it makes, as dbt runs it."""
        if not model.is_python:
            return model.query
        # Nothing foreign: what dbt compiled of this project's own models.
        program: dict[str, Any] = {}
        exec(model.query, program)  # noqa: S102
        dbt = program["dbtObj"](lambda relation: self.connection.query(f"from {relation}"))
        self.connection.register("made", program["model"](dbt, self.connection))
        return "from made"

    def _probe(self, first: date, last: date) -> None:
        """Look for lines that come twice; the generator writes none."""
        repeated = self.connection.execute(
            """
            select count(*) from (
                select business_date, hash(store, till, receipt, line) as key_hash
                from raw.feeds.sales
                where business_date between $first and $last
                group by all
                having count(*) > 1
            )
            """,
            {"first": first, "last": last},
        ).fetchone()
        if repeated != (0,):
            raise RuntimeError(f"{repeated} keys of sales lines come twice")
        self._done("probe for repeats")

    def _run(self, query: str, **values: object) -> None:
        self.connection.execute(query, values or None).fetchall()

    def _done(self, step: str) -> None:
        now = time.process_time()
        self.cpu_seconds[step] = round(now - self._seen, 2)
        self._seen = now


def read_seed(path: Path) -> str:
    """The query that reads a seed with the types that dbt is told."""
    described = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))
    types = described["seeds"][0].get("config", {}).get("column_types", {})
    # A template is a text's: Spark calls it otherwise.
    named = ", ".join(
        f"'{name}': '{'varchar' if '{{' in type_ else type_}'" for name, type_ in types.items()
    )
    return f"from read_csv('{path}'{f', types = {{{named}}}' if named else ''})"


def read_feed(feed: str, landing: Path) -> str:
    """The query that reads a feed's files with their types, and does nothing else."""
    columns = ", ".join(
        "'{}': '{}'".format(*column.strip().split(" ", maxsplit=1))
        for column in _columns(_FEEDS[feed])
    )
    dates = {
        "sales": "cast(sold_at as date) as business_date, ",
        "coverage": "cast(last_day - 6 as date) as first_day, ",
    }
    return (
        f"select {dates.get(feed, '')}* from read_csv('{landing / feed}/*.csv', "
        f"columns = {{{columns}}}, auto_detect = false, header = true, delim = ',', quote = '\"')"
    )


def _columns(text: str) -> list[str]:
    """Split at the commas between columns, not at those within a type."""
    return re.split(r",\s+(?=[a-z_]+ [a-z])", text.strip())


def _delete_changed(relation: str, column: str) -> str:
    day = "date_day" if column == "business_date" else column
    return (
        f"delete from {relation} where {column} in (select {day} from core.dim_date where date_day "
        "in (select business_date from raw.ledger.changed_business_date))"
    )


@click.command()
@click.argument("step", type=click.Choice(["full", "night"]))
@click.option("--delivery", type=click.Path(path_type=Path), required=True)
@click.option("--home", type=click.Path(path_type=Path), required=True)
@click.option("--models", type=click.Path(path_type=Path), required=True)
@click.option("--days", default=365)
def main(step: str, delivery: Path, home: Path, models: Path, days: int) -> None:
    """Build the floor, or add a night to it; prints CPU seconds by step as JSON."""
    floor = Floor(home, delivery_in(delivery, days), load(models))
    if step == "full":
        floor.full()
    else:
        floor.night()
    floor.close()
    click.echo(json.dumps(floor.cpu_seconds))


if __name__ == "__main__":
    main()
