{{ config(meta={'dagster': {'ref': {'name': 'department_week'}}}) }}

-- A returned row is a fiscal week whose departments do not add up to its days, in money or units.
-- Every line has a department ('Unknown' is one), so nothing is excluded. It guards the joins to
-- the calendar and the products, and weeks that an incremental run forgot.
with

mart as (

    select
        fiscal_week_start_date,
        sum(net_amount) as net_amount,
        sum(unit_count) as unit_count

    from {{ ref('department_week') }}

    group by fiscal_week_start_date

),

fact as (

    select
        dim_date.fiscal_week_start_date,
        sum(fct_sales_day.net_amount) as net_amount,
        sum(fct_sales_day.unit_count) as unit_count

    from {{ ref('fct_sales_day') }} as fct_sales_day
    left join {{ ref('dim_date') }} as dim_date
        on fct_sales_day.business_date = dim_date.date_day

    group by dim_date.fiscal_week_start_date

)

select
    coalesce(mart.fiscal_week_start_date, fact.fiscal_week_start_date) as fiscal_week_start_date,
    mart.net_amount as mart_net_amount,
    fact.net_amount as fact_net_amount,
    mart.unit_count as mart_unit_count,
    fact.unit_count as fact_unit_count

from mart
full outer join fact on mart.fiscal_week_start_date = fact.fiscal_week_start_date

where
    coalesce(mart.net_amount, 0) <> coalesce(fact.net_amount, 0)
    or coalesce(mart.unit_count, 0) <> coalesce(fact.unit_count, 0)
