{{ config(meta={'dagster': {'ref': {'name': 'store_stock_week'}}}) }}

-- A returned row is a store of which the newest week states other lost sales than its items do. A
-- week that is closed was compared when it was the newest.
with

newest as (

    select max(fiscal_week_start_date) as fiscal_week_start_date
    from {{ ref('inventory_health') }}

),

item as (

    select
        health.store_id,
        sum(health.lost_net_amount) as lost_net_amount

    from {{ ref('inventory_health') }} as health
    inner join newest on health.fiscal_week_start_date = newest.fiscal_week_start_date

    group by health.store_id

),

week as (

    select
        stock.store_id,
        stock.lost_net_amount

    from {{ ref('store_stock_week') }} as stock
    inner join newest on stock.fiscal_week_start_date = newest.fiscal_week_start_date

)

select
    coalesce(item.store_id, week.store_id) as store_id,
    item.lost_net_amount as item_lost_net_amount,
    week.lost_net_amount

from item
full outer join week on item.store_id = week.store_id

where item.lost_net_amount <> week.lost_net_amount or item.store_id is null or week.store_id is null
