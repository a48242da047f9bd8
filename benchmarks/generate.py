"""A grocer that never was: years of receipts, masters and promotions as delivered files.

Seeded: every value follows from a hash of the seed and of its place, so one version of DuckDB
always writes the same bytes. All rows are sound: work is measured here, faults are by the tests.
"""

from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.delivery import Delivery, delivery_in

SEED = 20261121
STORES = 200
ITEMS = 20_000
CATEGORIES = 200
DEPARTMENTS = 20
LINES_PER_RECEIPT = 10.0
LINES_PER_CUSTOMER = 250
CARD_RATE = 0.7
PROMOTIONS_A_WEEK = 5
ITEMS_A_PROMOTION = 20
STORES_A_PROMOTION = 50

_WEEKDAY_WEIGHT = {1: 0.85, 2: 0.85, 3: 0.9, 4: 0.95, 5: 1.15, 6: 1.35, 7: 0.95}

MAPPINGS = {
    "sales": """\
feed: pos_line
files: sales/sales_{business_date}.csv
columns:
  store: store_id
  till: workstation_id
  receipt: transaction_seq
  line: line_seq
  type: line_type
  void: void_flag
  item: item_id
  quantity: qty
  unit: uom
  shelf_price: regular_unit_price
  amount: extended_amount
  discount: line_discount
  store_coupon: store_coupon_amount
  maker_coupon: manufacturer_coupon_amount
  tax: tax_amount
  cost: unit_cost
  sold_at: sold_at
  card: customer_ref
  channel: channel
""",
    "items": """\
feed: item
files: items/items_{extract_date}.csv
columns:
  item: item_id
  barcode: gtin
  name: item_name
  department: level_1
  category: level_2
  brand: brand
  size: pack_size
  own_brand: is_private_label
""",
    "stores": """\
feed: store
files: stores/stores_{extract_date}.csv
columns:
  store: store_id
  name: store_name
  format: format
  opened: open_date
  area: selling_area_m2
  region: region
  cluster: cluster
  country: country
""",
    "customers": """\
feed: crm_customer
files: customers/customers_{extract_ts}.csv
columns:
  card: source_customer_id
  given_name: given_name
  family_name: family_name
  mail: email
  born: birth_date
  postcode: postcode
  joined: created_ts
  home_store: home_store_id
constants:
  source_system: crm
  customer_type: person
""",
    "promotions": """\
feed: promotion
files: promotions/promotions_{extract_date}.csv
columns:
  promotion: promotion_id
  name: promotion_name
  type: promotion_type
  first_day: start_date
  last_day: end_date
""",
    "coverage": """\
feed: promo_coverage
files: coverage/coverage_{from_date}.csv
columns:
  promotion: promotion_id
  item: item_id
  store: store_id
  last_day: to_date
""",
}
"""The mappings that such a retailer would write, by name."""

_MACROS = f"""
create macro share(stream, place, part) as
    (hash({SEED}, stream, place, part) >> 11) / 9007199254740992.0;
create macro days_after(first, days) as first + cast(days as int);
create macro item_code(number) as printf('I%05d', number);
create macro store_code(number) as printf('S%03d', number);
create macro card_code(number) as printf('C%07d', number);
create macro promotion_code(week, number) as printf('P%02d%d', week, number);
"""

_ITEM = f"""
create table item as
select
    item_number,
    item_code(item_number) as item,
    printf('40%011d', item_number * 7919) as barcode,
    printf('Item %d', item_number) as name,
    printf('Department %02d', item_number % {CATEGORIES} % {DEPARTMENTS}) as department,
    printf('Category %03d', item_number % {CATEGORIES}) as category,
    printf('Brand %03d', cast(floor(pow(share('brand', item_number, 0), 2) * 500) as int)) as brand,
    printf('%d g', 50 * (1 + cast(floor(share('size', item_number, 0) * 20) as int))) as size,
    share('own', item_number, 0) < 0.2 as own_brand,
    share('weighed', item_number, 0) < 0.1 as is_weighed,
    cast(round(0.49 + 15 * pow(share('price', item_number, 0), 3), 2) as decimal(9, 2)) as price,
    cast(round((0.49 + 15 * pow(share('price', item_number, 0), 3)) * 0.71, 4) as decimal(9, 4))
        as cost
from range({ITEMS}) as numbers (item_number)
"""

_COVERAGE = f"""
create table coverage as
select distinct on (week, item_number, store_number)
    week, promotion_number, item_number, store_number
from (
    select
        week,
        promotion_number,
        -- popular items are offered more often than others
        cast(floor(pow(share('offer', week * 10 + promotion_number, place), 2) * {ITEMS}) as int)
            as item_number,
        (week * 7 + promotion_number * 40 + store_place) % {STORES} as store_number
    from range($weeks) as weeks (week)
    cross join range({PROMOTIONS_A_WEEK}) as promotions (promotion_number)
    cross join range({ITEMS_A_PROMOTION}) as places (place)
    cross join range({STORES_A_PROMOTION}) as stores (store_place)
)
order by week, item_number, store_number, promotion_number
"""

_DAY = f"""
copy (
    with receipt as (
        select
            receipt,
            hash($day, receipt) as seed,
            -- the first store sells about twice as much as the last
            cast(floor(pow(share('store', $day, receipt), 1.4) * {STORES}) as int) as store_number,
            1 + cast(floor(share('till', $day, receipt) * 4) as int) as till,
            date '{{date}}' + interval 1 second
                * cast(25200 + floor(share('time', $day, receipt) * 50400) as int) as sold_at,
            case
                when share('has card', $day, receipt) < {CARD_RATE}
                    then cast(floor(pow(share('card', $day, receipt), 1.5) * $customers) as int)
            end as customer_number,
            case when share('channel', $day, receipt) < 0.04 then 'web' else 'store' end as channel,
            1 + least(79, cast(floor(
                -ln(1 - share('lines', $day, receipt)) * {LINES_PER_RECEIPT - 0.5}
            ) as int)) as line_count
        from range($receipts) as receipts (receipt)
    ),
    line as (
        select
            receipt.*,
            line,
            share('line', seed, line) as chance,
            cast(floor(pow(share('item', seed, line), 3) * {ITEMS}) as int)
                as item_number
        from receipt
        cross join lateral (select unnest(range(1, line_count + 1)) as line)
    ),
    priced as (
        select
            line.*,
            item.item,
            item.price,
            item.cost,
            item.is_weighed,
            case when chance < 0.006 then 'return' else 'sale' end as type,
            case
                when item.is_weighed
                    then cast(0.1 + 2 * share('weight', seed, line) as decimal(9, 3))
                when chance > 0.96 then 3
                when chance > 0.82 then 2
                else 1
            end as quantity,
            coverage.week is not null as is_offered
        from line
        inner join item using (item_number)
        left join coverage
            on coverage.week = $day // 7
            and line.store_number = coverage.store_number
            and line.item_number = coverage.item_number
    ),
    valued as (
        select
            *,
            cast(quantity * price as decimal(9, 2)) as shelf_amount,
            cast(case when is_offered then 0.2 when chance between 0.3 and 0.34 then 0.1 else 0 end
                * quantity * price as decimal(9, 2)) as discount_amount,
            case when type = 'return' then -1 else 1 end as sign
        from priced
    )
    select
        store_code(store_number) as store,
        till,
        receipt,
        line,
        type,
        case when chance between 0.5 and 0.502 then 'true' else 'false' end as void,
        -- an item that no master knows, now and then
        case when chance between 0.6 and 0.6003 then 'X' || item else item end as item,
        sign * quantity as quantity,
        case when is_weighed then 'kg' else 'each' end as unit,
        price as shelf_price,
        sign * (shelf_amount - discount_amount) as amount,
        discount_amount as discount,
        cast(0 as decimal(9, 2)) as store_coupon,
        case when chance between 0.7 and 0.71 then 0.25 else 0.00 end as maker_coupon,
        cast(0.07 * sign * (shelf_amount - discount_amount) as decimal(9, 2)) as tax,
        cost,
        strftime(sold_at, '%Y-%m-%dT%H:%M:%SZ') as sold_at,
        card_code(customer_number) as card,
        channel
    from valued
    order by store_number, receipt, line
) to '{{path}}' (header)
"""


def generate(directory: Path, lines: int, days: int = 365, nights: int = 1) -> Delivery:
    """Write sales of some days and of nights after them, with their masters and mappings.

    Args:
        directory: Where to; what it holds already is written over.
        lines: Receipt lines of the days; the number that comes out is within 1 % of it when there
            are a thousand a day.
        days: Days before the nights.
        nights: Days after them, each in a landing directory of its own.
    """
    delivery = delivery_in(directory, days)
    weeks = days // 7 + 1
    folders = ("sales", "items", "stores", "customers", "promotions", "coverage")
    for name in folders:
        (delivery.landing / name).mkdir(parents=True, exist_ok=True)
    delivery.mappings.mkdir(exist_ok=True)
    for name, text in MAPPINGS.items():
        (delivery.mappings / f"{name}.yml").write_text(text, encoding="utf-8")
    customers = max(20, lines * 365 // max(days, 365) // LINES_PER_CUSTOMER)
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        for statement in (*_MACROS.strip().split(";\n"), _ITEM):
            connection.execute(statement)
        connection.execute(_COVERAGE, {"weeks": weeks})
        _write_masters(connection, delivery, customers, weeks)
        _write_coverage(connection, delivery, weeks)
        for day, receipts in enumerate(_receipts_by_day(lines, delivery.first_date, days, nights)):
            date_of_day = delivery.first_date + timedelta(days=day)
            home = delivery.landing if day < days else delivery.night(date_of_day)
            path = home / "sales" / f"sales_{date_of_day}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(
                _DAY.format(path=path, date=date_of_day),
                {"day": day, "receipts": receipts, "customers": customers},
            )
    return delivery


def _receipts_by_day(lines: int, first_date: date, days: int, nights: int) -> list[int]:
    """Receipts of each day and of the nights after them, by weekday."""
    dates = [first_date + timedelta(days=day) for day in range(days + nights)]
    weights = [_WEEKDAY_WEIGHT[day.isoweekday()] for day in dates]
    receipts = lines / LINES_PER_RECEIPT
    return [max(1, round(receipts * weight / sum(weights[:days]))) for weight in weights]


def _write_masters(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, customers: int, weeks: int
) -> None:
    tables = {
        "items": "select item, barcode, name, department, category, brand, size, own_brand "
        "from item order by item_number",
        "stores": f"""
            select
                store_code(number) as store,
                printf('Store %d', number) as name,
                case when number % 5 = 0 then 'hypermarket' else 'supermarket' end as format,
                days_after(date '2005-01-01', number * 30) as opened,
                400 + (number * 37) % 3000 as area,
                printf('Region %d', number % 6) as region,
                printf('cluster %d', number % 5) as cluster,
                'DE' as country
            from range({STORES}) as numbers (number)
            order by number""",
        "customers": f"""
            select
                card_code(number) as card,
                translate(md5('g' || number % 997)[:8], '0123456789', 'aeiourstln') as given_name,
                translate(md5('f' || number % 9973)[:9], '0123456789', 'aeiounrsld') as family_name,
                printf('customer.%d@example.org', number) as mail,
                days_after(
                    date '1940-01-01', floor(share('born', number, 0) * 25000)
                ) as born,
                printf('%05d', (number * 7919) % 100000) as postcode,
                strftime(
                    timestamp '2015-01-01' + interval 1 hour
                        * cast(floor(share('joined', number, 0) * 87000) as int),
                    '%Y-%m-%dT%H:%M:%SZ'
                ) as joined,
                store_code(number % {STORES}) as home_store
            from range({customers}) as numbers (number)
            order by number""",
        "promotions": f"""
            select
                promotion_code(week, number) as promotion,
                printf('Offer %d of week %d', number, week) as name,
                'price' as type,
                days_after(date '{delivery.first_date}', week * 7) as first_day,
                days_after(date '{delivery.first_date}', week * 7 + 6) as last_day
            from range({weeks}) as weeks (week)
            cross join range({PROMOTIONS_A_WEEK}) as promotions (number)
            order by week, number""",
    }
    for name, query in tables.items():
        path = delivery.landing / name / f"{name}_{delivery.first_date}.csv"
        connection.execute(f"copy ({query}) to '{path}' (header)")


def _write_coverage(connection: duckdb.DuckDBPyConnection, delivery: Delivery, weeks: int) -> None:
    folder = delivery.landing / "coverage"
    for week in range(weeks):
        first_day = delivery.first_date + timedelta(days=7 * week)
        connection.execute(
            f"""
            copy (
                select
                    promotion_code(week, promotion_number) as promotion,
                    item_code(item_number) as item,
                    store_code(store_number) as store,
                    date '{first_day}' + 6 as last_day
                from coverage
                where week = {week}
                order by promotion_number, item_number, store_number
            ) to '{folder / f"coverage_{first_day}.csv"}' (header)
            """
        )
