{{ config(meta={'dagster': {'ref': {'name': 'clv_curve'}}}) }}

-- A returned row is a cohort whose last cumulative contribution, or whose customers, are not what
-- the months of its customers since the first transaction add up to.
with

month_total as (

    select
        {{ month_start('acquisition.acquired_date') }} as cohort_month,
        bought.month_start_date,
        count(*) as customer_count,
        sum(bought.margin_amount)
        - sum(coalesce(bought.service_cost_amount, 0) + coalesce(bought.overdue_cost_amount, 0))
            as contribution_amount

    from {{ ref('customer_month') }} as bought
    inner join {{ ref('fct_acquisition') }} as acquisition
        on bought.customer_id = acquisition.customer_id

    where
        not acquisition.is_rolled
        and {{ is_after_rolled_months(month_start('acquisition.acquired_date')) }}
        and bought.month_start_date >= {{ month_start('acquisition.acquired_date') }}

    group by {{ month_start('acquisition.acquired_date') }}, bought.month_start_date

),

bought as (

    select
        cohort_month,
        sum(case when month_start_date = cohort_month then customer_count end) as customer_count,
        sum(contribution_amount) as contribution_amount

    from month_total

    group by cohort_month

),

mart as (

    select
        cohort_month,
        max(cohort_customer_count) as customer_count,
        sum(contribution_amount) as contribution_amount

    from {{ ref('clv_curve') }}

    group by cohort_month

)

select
    coalesce(mart.cohort_month, bought.cohort_month) as cohort_month,
    mart.customer_count as mart_customer_count,
    bought.customer_count as month_customer_count,
    mart.contribution_amount as mart_contribution_amount,
    bought.contribution_amount as month_contribution_amount

from mart
full outer join bought on mart.cohort_month = bought.cohort_month

where
    coalesce(mart.customer_count <> bought.customer_count, true)
    or coalesce(mart.contribution_amount, 0)
    <> coalesce(bought.contribution_amount, 0)
