-- A returned row means that receipts and their lines state different net sales or numbers of lines
-- for a business date that the night replaced. It exists because both facts are replaced by date,
-- each in its own transaction.
{{ config(meta={'dagster': {'ref': {'name': 'fct_basket'}}}) }}
with

line_day as (

    select
        business_date,
        sum(net_amount) as net_amount,
        sum(unit_count) as unit_count,
        count(*) as line_count

    from {{ ref('fct_sales') }}

    where business_date in ({{ changed_periods(facts_only=false) }})

    group by business_date

),

receipt_day as (

    select
        business_date,
        sum(net_amount) as net_amount,
        sum(unit_count) as unit_count,
        sum(line_count) as line_count

    from {{ ref('fct_basket') }}

    where business_date in ({{ changed_periods(facts_only=false) }})

    group by business_date

)

select
    coalesce(line_day.business_date, receipt_day.business_date) as business_date,
    line_day.net_amount as line_net_amount,
    receipt_day.net_amount as receipt_net_amount,
    line_day.line_count as line_line_count,
    receipt_day.line_count as receipt_line_count

from line_day
full outer join receipt_day on line_day.business_date = receipt_day.business_date

where
    coalesce(line_day.net_amount, 0) <> coalesce(receipt_day.net_amount, 0)
    or coalesce(line_day.unit_count, 0) <> coalesce(receipt_day.unit_count, 0)
    or coalesce(line_day.line_count, 0) <> coalesce(receipt_day.line_count, 0)
