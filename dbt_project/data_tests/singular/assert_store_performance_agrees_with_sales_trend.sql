{{ config(meta={'dagster': {'ref': {'name': 'store_performance'}}}) }}

-- A returned row is a fiscal week of which the two marts state different net sales. A page shows
-- both side by side; a reader who adds one up must arrive at the other.
with

by_store as (

    select
        period_start_date as fiscal_week_start_date,
        sum(net_amount) as net_amount

    from {{ ref('store_performance') }}

    where period_grain = 'week'

    group by period_start_date

),

by_department as (

    select
        fiscal_week_start_date,
        sum(net_amount) as net_amount

    from {{ ref('sales_trend') }}

    group by fiscal_week_start_date

)

select
    coalesce(by_store.fiscal_week_start_date, by_department.fiscal_week_start_date)
        as fiscal_week_start_date,
    by_store.net_amount as store_net_amount,
    by_department.net_amount as department_net_amount

from by_store
full outer join by_department
    on by_store.fiscal_week_start_date = by_department.fiscal_week_start_date

where coalesce(by_store.net_amount, 0) <> coalesce(by_department.net_amount, 0)
