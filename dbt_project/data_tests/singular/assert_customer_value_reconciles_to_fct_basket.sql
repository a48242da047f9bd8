{{ config(meta={'dagster': {'ref': {'name': 'customer_value'}}}) }}

-- A returned row is a month whose customers, in customer_month or over the twelve months that end
-- with it in customer_value, do not add up to the net sales of their receipts. Left out by name, on
-- both sides: the anonymous, who objects to profiling, and the month that has not ended.
with

receipt_month as (

    select
        {{ month_start('business_date') }} as month_start_date,
        sum(net_amount) as net_amount

    from {{ ref('fct_basket') }}

    where
        customer_key > 0
        and customer_id not in ({{ profiling_objector() }})

    group by {{ month_start('business_date') }}

),

month as (

    select
        month_start_date,
        sum(net_amount) as net_amount

    from {{ ref('customer_month') }}

    group by month_start_date

),

running_month as (

    select {{ month_start(add_days('max(business_date)', 1)) }} as month_start_date
    from {{ ref('fct_basket') }}

),

receipt_year as (

    select
        month.month_start_date,
        sum(receipt_month.net_amount) as net_amount

    from month
    inner join receipt_month
        on
            month.month_start_date >= receipt_month.month_start_date
            and {{ add_months('month.month_start_date', -12) }}
            < receipt_month.month_start_date

    group by month.month_start_date

),

value_year as (

    select
        {{ month_start('month_end_date') }} as month_start_date,
        sum(net_amount) as net_amount

    from {{ ref('customer_value') }}

    group by {{ month_start('month_end_date') }}

),

compared as (

    select
        'customer_month' as mart_name,
        coalesce(month.month_start_date, receipt_month.month_start_date) as month_start_date,
        month.net_amount as mart_net_amount,
        receipt_month.net_amount as fact_net_amount

    from receipt_month
    full outer join month on receipt_month.month_start_date = month.month_start_date

    union all

    select
        'customer_value' as mart_name,
        coalesce(value_year.month_start_date, receipt_year.month_start_date) as month_start_date,
        value_year.net_amount as mart_net_amount,
        receipt_year.net_amount as fact_net_amount

    from receipt_year
    full outer join value_year on receipt_year.month_start_date = value_year.month_start_date

)

select compared.*
from compared
cross join running_month
where
    coalesce(compared.mart_net_amount, 0) <> coalesce(compared.fact_net_amount, 0)
    and coalesce(compared.month_start_date < running_month.month_start_date, true)
