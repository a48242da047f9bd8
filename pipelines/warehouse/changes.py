"""Which business dates a build must replace: a comparison of states, not a memory of events.

The ledger knows from which files a date is made now, the warehouse from which it was made. Where
they differ the facts are replaced; so it does not matter how many runs failed in between.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.sql import fetch_one
from pipelines.window import Window


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How many business dates a build replaces.

    Attributes:
        fact_date_count: Dates whose facts are replaced.
        attribute_date_count: Further dates on which only an attribute of a product changed, so that
            marts which group by product attributes are replaced and facts are not.
    """

    fact_date_count: int
    attribute_date_count: int


def write_changes(raw_database: Path, warehouse: Path, window: Window) -> Changes:
    """Fill `ledger.changed_business_date` for the coming build.

    Args:
        raw_database: raw.duckdb, with a ledger.
        warehouse: The warehouse as it stands; where it is missing every date has changed.
        window: Dates to replace even when nothing changed.
    """
    with duckdb.connect(str(raw_database)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("begin")
        connection.execute("delete from ledger.changed_business_date")
        if warehouse.exists():
            connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
            _write_differences(connection, window)
        else:
            connection.execute(
                "insert into ledger.changed_business_date "
                "select business_date, true from ledger.business_day"
            )
        counts = fetch_one(
            connection,
            """
            select
                count(*) filter (where is_fact_changed),
                count(*) filter (where not is_fact_changed)
            from ledger.changed_business_date
            """,
        )
        connection.execute("commit")
    return Changes(fact_date_count=counts[0], attribute_date_count=counts[1])


def _write_differences(connection: duckdb.DuckDBPyConnection, window: Window) -> None:
    connection.execute(
        """
        insert into ledger.changed_business_date
        select coalesce(now_day.business_date, then_day.business_date), true
        from ledger.business_day as now_day
        full join warehouse.meta.business_day as then_day using (business_date)
        where now_day.source_version is distinct from then_day.source_version
            or coalesce(now_day.business_date, then_day.business_date) between ? and ?
        """,
        [window.first, window.last],
    )
    changed_products = _CHANGED_PRODUCTS if _knows_products(connection) else _ALL_PRODUCTS
    connection.execute(
        f"""
        insert into ledger.changed_business_date
        select distinct business_date, false
        from warehouse.core.fct_sales
        where
            product_id in ({changed_products})
            and business_date not in (select business_date from ledger.changed_business_date)
        """
    )


_CHANGED_PRODUCTS = """
    with
    now_product as (
        select product_id, product_name, department_name, category_name, brand_name
        from raw.intermediate.int_product__named
        where product_id in (select product_id from warehouse.core.dim_product)
    ),
    then_product as (
        select product_id, product_name, department_name, category_name, brand_name
        from warehouse.core.dim_product
        where not is_inferred
    )
    select product_id from (from now_product except from then_product)
    union
    select product_id from (from then_product except from now_product)
"""

_ALL_PRODUCTS = "select product_id from warehouse.core.dim_product"


def _knows_products(connection: duckdb.DuckDBPyConnection) -> bool:
    """False after a bad night, whose views were dropped: then any product may have changed."""
    (count,) = fetch_one(
        connection,
        "select count(*) from duckdb_views() where database_name = 'raw' "
        "and schema_name = 'intermediate' and view_name = 'int_product__named'",
    )
    return bool(count)
