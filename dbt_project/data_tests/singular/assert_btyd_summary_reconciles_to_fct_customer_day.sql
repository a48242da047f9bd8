{{ config(meta={'dagster': {'ref': {'name': 'btyd_summary'}}}) }}

-- A returned row says that customers or occasions of the mart are not those of the customers' days:
-- an occasion is a day with positive net sales of an identified customer who does not object to
-- profiling, and each customer's first one is no repeat.
with

occasion as (

    select
        customer_id,
        business_date

    from {{ ref('fct_customer_day') }}

    where
        net_amount > 0
        and customer_key > 0
        and customer_id not in ({{ profiling_objector() }})

),

fact as (

    select
        count(distinct customer_id) as customer_count,
        count(*) as occasion_count

    from occasion

),

mart as (

    select
        count(*) as customer_count,
        coalesce(sum(frequency_count + 1), 0) as occasion_count,
        coalesce(sum(past_frequency_count + 1), 0)
        + coalesce(sum(holdout_occasion_count), 0) as split_occasion_count

    from {{ ref('btyd_summary') }}

)

select
    mart.customer_count as mart_customer_count,
    fact.customer_count as fact_customer_count,
    mart.occasion_count as mart_occasion_count,
    mart.split_occasion_count,
    fact.occasion_count as fact_occasion_count

from mart
cross join fact

where
    mart.customer_count <> fact.customer_count
    or mart.occasion_count <> fact.occasion_count
    or mart.split_occasion_count <> fact.occasion_count
