{{ config(meta={'dagster': {'ref': {'name': 'price_point_store'}}}) }}

-- A returned row is a fiscal week that the night replaced, whose price points do not add up to the
-- net sales of its sale lines, which are the days' gross less discounts. It guards the joins to
-- the calendar and the bands. Weeks of sums alone have no price points.
with

mart as (

    select
        fiscal_week_start_date,
        sum(net_amount) as net_amount

    from {{ ref('price_point_store') }}

    where fiscal_week_start_date in ({{ changed_periods('fiscal_week_start_date', false) }})

    group by fiscal_week_start_date

),

fact as (

    select
        calendar.fiscal_week_start_date,
        sum(fct_sales_day.gross_amount - fct_sales_day.discount_amount) as net_amount

    from {{ ref('fct_sales_day') }} as fct_sales_day
    inner join {{ ref('dim_date') }} as calendar
        on fct_sales_day.business_date = calendar.date_day

    where
        calendar.fiscal_week_start_date in ({{ changed_periods('fiscal_week_start_date', false) }})

    group by calendar.fiscal_week_start_date

    having max(case when fct_sales_day.is_rolled then 1 else 0 end) = 0

)

select
    coalesce(mart.fiscal_week_start_date, fact.fiscal_week_start_date) as fiscal_week_start_date,
    mart.net_amount as mart_net_amount,
    fact.net_amount as fact_net_amount

from mart
full outer join fact on mart.fiscal_week_start_date = fact.fiscal_week_start_date

where coalesce(mart.net_amount, 0) <> coalesce(fact.net_amount, 0)
