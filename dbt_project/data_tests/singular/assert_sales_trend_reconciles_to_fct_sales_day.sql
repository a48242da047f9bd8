{{ config(meta={'dagster': {'ref': {'name': 'sales_trend'}}}) }}

-- A returned row says that all weeks and departments do not add up to all days, in money.
-- Nothing is excluded. It guards the dense spine: a week or department it misses would lose its
-- sales.
with

mart as (

    select
        sum(net_amount) as net_amount,
        sum(gross_amount - discount_amount - returns_amount) as footed_amount

    from {{ ref('sales_trend') }}

),

fact as (

    select sum(net_amount) as net_amount from {{ ref('fct_sales_day') }}

)

select
    mart.net_amount as mart_net_amount,
    mart.footed_amount as mart_footed_amount,
    fact.net_amount as fact_net_amount

from mart
cross join fact

where
    coalesce(mart.net_amount, 0) <> coalesce(fact.net_amount, 0)
    or coalesce(mart.footed_amount, 0) <> coalesce(fact.net_amount, 0)
