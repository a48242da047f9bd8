{{ config(meta={'dagster': {'ref': {'name': 'retention_economics'}}}) }}

-- A returned row is a month that has ended in which the mart's customers are not those of the
-- receipts: identified, with a transaction, and without an objection to profiling.
with

receipt as (

    select
        {{ month_start('business_date') }} as month_start_date,
        count(distinct customer_id) as customer_count

    from {{ ref('fct_basket') }}

    where
        is_transaction
        and customer_key > 0
        and customer_id not in ({{ profiling_objector() }})

    group by 1

),

unripe as (

    select {{ month_start(add_days('max(business_date)', 1)) }} as unripe_month
    from {{ ref('fct_basket') }}

)

select
    coalesce(mart.month_start_date, receipt.month_start_date) as month_start_date,
    mart.customer_count as mart_customer_count,
    receipt.customer_count as fact_customer_count

from receipt
inner join unripe on receipt.month_start_date < unripe.unripe_month
full outer join {{ ref('retention_economics') }} as mart
    on receipt.month_start_date = mart.month_start_date

where coalesce(mart.customer_count, 0) <> coalesce(receipt.customer_count, 0)
