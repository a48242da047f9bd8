"""A retailer's stock and sales, planted or written as files for `benchmarks.stock`."""

MAPPINGS = {
    "stock": """\
feed: stock_snapshot
files: stock/stock_{business_date}.csv
columns:
  store: location_id
  item: item_id
  on_hand: on_hand
  cost: unit_cost
  price: retail_price
  ranged: ranged_flag
  safety: safety_stock
""",
    "movements": """\
feed: stock_movement
files: stock/movements_{business_date}.csv
columns:
  id: movement_id
  store: location_id
  item: item_id
  date: business_date
  type: movement_type
  quantity: qty
""",
    "sales": """\
feed: pos_line
files: sales/sales_{business_date}.csv
columns:
  store: store_id
  till: workstation_id
  receipt: transaction_seq
  line: line_seq
  type: line_type
  item: item_id
  quantity: qty
  amount: extended_amount
""",
}

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
"""

MOVEMENTS = """
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

ROWS = """
insert into raw.feeds.stock_snapshot by name
select
    $first_date + day_no::int as business_date, span.store_id as location_id,
    span.product_id as item_id, span.on_hand_quantity as on_hand, 2 as unit_cost,
    3 as retail_price, true as ranged_flag, 0 as safety_stock, day_no + 1 as _file_id,
    20000 * span.store_key + span.product_key + 2 as _line_number, now() as _loaded_at
from range($days - $recent, $days) as day (day_no)
inner join warehouse.core.fct_inventory_snapshot as span
    on $first_date + day_no::int between span.from_date and span.to_date
order by day_no, span.store_key
"""

NAMED = """
insert into raw.intermediate.int_stock__referenced by name
select 'store' as member_kind, printf('S%03d', store_no) as member_id, business_date
from range($stores) as store (store_no)
cross join (select $first_date + range::int as business_date from range($days))
union all
select 'product', printf('I%05d', item_no), business_date
from range($items) as item (item_no)
cross join (select $first_date + range::int as business_date from range($days))
order by business_date
"""

FILES = {
    "stock/stock_{date}.csv": """
        select
            printf('S%03d', store_no) as store, printf('I%05d', item_no) as item,
            3 + item_no % 7 - coalesce(last_event_no, 0) % (4 + item_no % 7) as on_hand, 2 as cost,
            3 as price, true as ranged, 0 as safety
        from range($stores) as store (store_no)
        cross join range($items) as item (item_no)
        left join (
            select store_no, item_no, max(event_no) as last_event_no from event group by all
        ) using (store_no, item_no)
        order by all""",
    "stock/movements_{date}.csv": """
        select
            printf('%d-%d-%d', day_no, store_no, item_no) as id, printf('S%03d', store_no) as store,
            printf('I%05d', item_no) as item, $first_date + day_no::int as date, 'receipt' as type,
            3 + item_no % 7 as quantity
        from event where event_no % (4 + item_no % 7) = 0 and day_no = $day_no
        order by all""",
    "sales/sales_{date}.csv": """
        select
            printf('S%03d', store_no) as store, 1 as till, item_no as receipt, number as line,
            'sale' as type, printf('I%05d', item_no) as item, 1 as quantity, 3 as amount
        from event cross join lateral unnest(range(line_count)) as t (number)
        where day_no = $day_no
        order by all""",
}
"""The files of the night: what lies in each store and item, what came, and what sold."""

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
delete from warehouse.core.dim_store;
insert into warehouse.core.dim_store by name
select
    store_no as store_key, printf('S%03d', store_no) as store_id,
    printf('store %d', store_no) as store_name, true as is_current, false as is_inferred,
    date '1900-01-01' as valid_from_date, date '9999-12-31' as valid_to_date
from range($stores) as store (store_no);
"""
