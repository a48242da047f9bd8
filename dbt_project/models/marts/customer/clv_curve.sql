{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='all_rows',
    on_schema_change='fail'
) }}

-- Grain: one row per cohort (month of the first transaction) and month of tenure that has ended
-- within the data: what its customers have brought by then, less what it cost to win them (M36).
-- Months are additive, cumulative columns never are. Who objects to profiling is in no cohort.
with

lived as (

    {{ lived_months() }}

),

cohort as (

    -- Everybody has a row in the month of the first transaction.
    select cohort_month, customer_count as cohort_customer_count
    from lived

    where tenure_month = 0

),

ended_month as (

    select distinct month_start_date from {{ ref('customer_month') }}

),

spent as (

    {{ campaign_spending() }}

),

cell as (

    -- Nobody of the cohort may be left in a month: it is one all the same.
    select
        cohort.cohort_month,
        {{ months_between_starts('cohort.cohort_month', 'ended_month.month_start_date') }}
            as tenure_month,
        cohort.cohort_customer_count,
        case
            when lived.cohort_month is null and count(lived.contribution_amount) over () > 0 then 0
            else lived.contribution_amount
        end as contribution_amount,
        {{ known_spending('acquisition_cost_amount') }} as acquisition_cost_amount

    from cohort
    inner join ended_month on cohort.cohort_month <= ended_month.month_start_date
    left join lived
        on
            cohort.cohort_month = lived.cohort_month
            and {{ months_between_starts('cohort.cohort_month', 'ended_month.month_start_date') }}
            = lived.tenure_month
    left join spent on cohort.cohort_month = spent.month_start_date

),

cumulated as (

    select
        *,
        sum(contribution_amount) over (
            partition by cohort_month
            order by tenure_month asc nulls last
            rows between unbounded preceding and current row
        ) as cumulative_contribution_amount

    from cell

),

final as (

    select
        cohort_month,
        tenure_month,
        cohort_customer_count,
        {{ money('contribution_amount') }} as contribution_amount,
        {{ money('cumulative_contribution_amount') }} as cumulative_contribution_amount,
        {{ money('acquisition_cost_amount') }} as acquisition_cost_amount,
        {{ money('cumulative_contribution_amount - acquisition_cost_amount') }}
            as cumulative_value_amount,
        {{ ratio(
            '(cumulative_contribution_amount - acquisition_cost_amount)', 'cohort_customer_count'
        ) }} as cumulative_value_per_customer,
        min(
            case
                when cumulative_contribution_amount >= acquisition_cost_amount then tenure_month
            end
        ) over (partition by cohort_month) as break_even_tenure_month

    from cumulated

)

select * from final
