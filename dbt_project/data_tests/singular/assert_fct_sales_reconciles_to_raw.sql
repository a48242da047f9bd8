-- A returned row means that the sales fact states another amount or number of lines for a business
-- date than the raw rows that count. It exists because lines can be lost in a join, doubled by a
-- dimension with two rows for an id, or left standing when a date is replaced.
{{ config(meta={'dagster': {'ref': {'name': 'fct_sales'}}}) }}
with

raw_movement as (

    select
        business_date,
        case when line_type = 'return' then -abs(extended_amount) else extended_amount end
            as amount,
        1 as line_count

    from ({{ counted_sales_line() }}) as counted

    union all

    select
        business_date,
        -signed_amount as amount,
        0 as line_count

    from ({{ counted_basket_discount() }}) as discount

),

raw_day as (

    select
        business_date,
        sum(amount) as net_amount,
        sum(line_count) as line_count

    from raw_movement

    group by business_date

),

fact_day as (

    select
        business_date,
        sum(net_amount) as net_amount,
        count(*) as line_count

    from {{ ref('fct_sales') }}

    group by business_date

)

select
    coalesce(raw_day.business_date, fact_day.business_date) as business_date,
    raw_day.net_amount as raw_net_amount,
    fact_day.net_amount as fact_net_amount,
    raw_day.line_count as raw_line_count,
    fact_day.line_count as fact_line_count

from raw_day
full outer join fact_day on raw_day.business_date = fact_day.business_date

where
    coalesce(raw_day.net_amount, 0) <> coalesce(fact_day.net_amount, 0)
    or coalesce(raw_day.line_count, 0) <> coalesce(fact_day.line_count, 0)
