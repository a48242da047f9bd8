{{ config(meta={'dagster': {'ref': {'name': 'store_item'}}}) }}

-- A returned row is a store and fiscal week that the night replaced, whose items do not add up to
-- what it sold. It guards the joins of stock, receipts and rates to sales: one that finds two rows
-- would count twice, and one that finds none must not drop what sold.
with

mart as (

    select
        store_id,
        fiscal_week_start_date,
        sum(net_amount) as net_amount,
        sum(quantity) as quantity

    from {{ ref('store_item') }}

    where fiscal_week_start_date in ({{ changed_periods('fiscal_week_start_date', false) }})

    group by store_id, fiscal_week_start_date

),

fact as (

    select
        store_id,
        fiscal_week_start_date,
        sum(net_amount) as net_amount,
        sum(quantity) as quantity

    from {{ ref('fct_sales_week') }}

    where fiscal_week_start_date in ({{ changed_periods('fiscal_week_start_date', false) }})

    group by store_id, fiscal_week_start_date

)

select
    coalesce(mart.store_id, fact.store_id) as store_id,
    coalesce(mart.fiscal_week_start_date, fact.fiscal_week_start_date) as fiscal_week_start_date,
    mart.net_amount as mart_net_amount,
    fact.net_amount as fact_net_amount,
    mart.quantity as mart_quantity,
    fact.quantity as fact_quantity

from mart
full outer join fact
    on
        mart.store_id = fact.store_id
        and mart.fiscal_week_start_date = fact.fiscal_week_start_date

where
    coalesce(mart.net_amount, 0) <> coalesce(fact.net_amount, 0)
    or coalesce(mart.quantity, 0) <> coalesce(fact.quantity, 0)
