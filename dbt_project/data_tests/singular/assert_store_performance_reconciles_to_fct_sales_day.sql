{{ config(meta={'dagster': {'ref': {'name': 'store_performance'}}}) }}

-- A returned row is a period grain whose rows do not add up to all days: money, transactions,
-- lines. Nothing is excluded: each grain states the whole chain. It guards the three ways to cut
-- time and the stores that only last year knows.
with

grain as (

    select 'day' as period_grain
    union all
    select 'week' as period_grain
    union all
    select 'period' as period_grain

),

mart as (

    select
        period_grain,
        sum(net_amount) as net_amount,
        sum(gross_amount) as gross_amount,
        sum(transaction_count) as transaction_count,
        sum(line_count) as line_count

    from {{ ref('store_performance') }}

    group by period_grain

),

fact as (

    select
        sum(net_amount) as net_amount,
        sum(gross_amount) as gross_amount,
        sum(transaction_count) as transaction_count,
        sum(line_count) as line_count

    from {{ ref('fct_sales_day') }}

)

select
    grain.period_grain,
    mart.net_amount as mart_net_amount,
    fact.net_amount as fact_net_amount,
    mart.transaction_count as mart_transaction_count,
    fact.transaction_count as fact_transaction_count

from grain
cross join fact
left join mart on grain.period_grain = mart.period_grain

where
    coalesce(mart.net_amount, 0) <> coalesce(fact.net_amount, 0)
    or coalesce(mart.gross_amount, 0) <> coalesce(fact.gross_amount, 0)
    or coalesce(mart.transaction_count, 0) <> coalesce(fact.transaction_count, 0)
    or coalesce(mart.line_count, 0) <> coalesce(fact.line_count, 0)
