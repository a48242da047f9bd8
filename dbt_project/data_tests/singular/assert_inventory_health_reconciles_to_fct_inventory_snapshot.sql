{{ config(meta={'dagster': {'ref': {'name': 'inventory_health'}}}) }}

-- A returned row is a store whose states do not hold the units that lay on its shelves, day by day,
-- in the newest fiscal period. What is neither ranged nor in stock has no state, and no units. It
-- guards the cutting of spans into weeks: a day told twice, or by nobody.
with

newest as (

    select max(fiscal_period_start_date) as period_start_date
    from {{ ref('fct_inventory_snapshot') }}

),

mart as (

    select
        health.store_id,
        sum(
            health.on_hand_quantity
            * ({{ days_between('health.from_date', 'health.to_date') }} + 1)
        ) as unit_days
    from {{ ref('inventory_health') }} as health
    cross join newest
    where health.fiscal_week_start_date >= newest.period_start_date
    group by health.store_id

),

fact as (

    select
        stock.store_id,
        sum(
            stock.on_hand_quantity * ({{ days_between('stock.from_date', 'stock.to_date') }} + 1)
        ) as unit_days
    from {{ ref('fct_inventory_snapshot') }} as stock
    cross join newest
    where stock.fiscal_period_start_date = newest.period_start_date
    group by stock.store_id

)

select
    coalesce(mart.store_id, fact.store_id) as store_id,
    mart.unit_days as mart_unit_days,
    fact.unit_days as fact_unit_days
from mart
full outer join fact on mart.store_id = fact.store_id
where coalesce(mart.unit_days, 0) <> coalesce(fact.unit_days, 0)
