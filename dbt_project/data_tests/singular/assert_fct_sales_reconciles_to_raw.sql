-- A returned row means that the sales fact states another amount or number of lines for a business
-- date that the night replaced than the raw rows that count. It exists because lines can be lost in
-- a join, doubled by a dimension with two rows for an id, or left standing when a date is replaced.
-- Of all dates together meta.reconciliation asks.
{{ config(meta={'dagster': {'ref': {'name': 'fct_sales'}}}) }}
with

fact_day as (

    select
        business_date,
        sum(net_amount) as net_amount,
        count(*) as line_count

    from {{ ref('fct_sales') }}

    where business_date in ({{ changed_periods(facts_only=false) }})

    group by business_date

),

raw_day as (

    select * from {{ ref('int_sales_line__totalled') }}
    where business_date in ({{ changed_periods(facts_only=false) }})

)

select
    coalesce(raw_day.business_date, fact_day.business_date) as business_date,
    raw_day.net_amount as raw_net_amount,
    fact_day.net_amount as fact_net_amount,
    raw_day.row_count as raw_line_count,
    fact_day.line_count as fact_line_count

from raw_day
full outer join fact_day on raw_day.business_date = fact_day.business_date

where
    coalesce(raw_day.net_amount, 0) <> coalesce(fact_day.net_amount, 0)
    or coalesce(raw_day.row_count, 0) <> coalesce(fact_day.line_count, 0)
