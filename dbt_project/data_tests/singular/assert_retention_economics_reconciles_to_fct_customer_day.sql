{{ config(meta={'dagster': {'ref': {'name': 'retention_economics'}}}) }}

-- A returned row is a month that has ended in which the mart's customers are not those of its days:
-- identified, with a transaction, and without an objection to profiling. Months that the night left
-- as they were are not asked for: that customer_month may stand there, the proof of customer_value
-- says.
with

bought as (

    select
        {{ month_start('business_date') }} as month_start_date,
        count(distinct customer_id) as customer_count

    from {{ ref('fct_customer_day') }}

    where
        transaction_count > 0
        and customer_key > 0
        and customer_id not in ({{ profiling_objector() }})
        and {{ is_found_again('business_date') }}

    group by 1

),

unripe as (

    select {{ month_start(add_days('max(business_date)', 1)) }} as unripe_month
    from {{ ref('fct_customer_day') }}

)

select
    coalesce(mart.month_start_date, bought.month_start_date) as month_start_date,
    mart.customer_count as mart_customer_count,
    bought.customer_count as fact_customer_count

from bought
inner join unripe on bought.month_start_date < unripe.unripe_month
full outer join {{ ref('retention_economics') }} as mart
    on bought.month_start_date = mart.month_start_date

where
    coalesce(mart.customer_count, 0) <> coalesce(bought.customer_count, 0)
    and {{ is_found_again('coalesce(mart.month_start_date, bought.month_start_date)') }}
