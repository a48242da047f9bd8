-- Grain: one row per fiscal week and department, from the department's first week to the last week
-- of the data, with zero in weeks without sales.
-- Rates, means and the index are not additive; transaction_count not over departments.
with

department_week as (

    select * from {{ ref('department_week') }}

),

week as (

    {{ reporting_weeks() }}

),

department as (

    select
        department_name,
        min(fiscal_week_start_date) as first_week_start_date

    from department_week

    group by department_name

),

dense_week as (

    -- Weeks without sales are rows, or a mean of four rows would not be a mean of four weeks.
    select
        week.*,
        department.department_name,
        {{ money('coalesce(department_week.net_amount, 0)') }} as net_amount,
        {{ money('coalesce(department_week.gross_amount, 0)') }} as gross_amount,
        {{ money('coalesce(department_week.discount_amount, 0)') }} as discount_amount,
        {{ money('coalesce(department_week.returns_amount, 0)') }} as returns_amount,
        department_week.margin_amount,
        {{ quantity('coalesce(department_week.unit_count, 0)') }} as unit_count,
        case
            when department_week.department_name is null then 0
            else department_week.transaction_count
        end as transaction_count

    from department
    inner join week on department.first_week_start_date <= week.fiscal_week_start_date
    left join department_week
        on
            department.department_name = department_week.department_name
            and week.fiscal_week_start_date = department_week.fiscal_week_start_date

),

final as (

    select
        this_year.fiscal_year,
        this_year.fiscal_week,
        this_year.fiscal_week_code,
        this_year.fiscal_week_start_date,
        this_year.department_name,
        this_year.net_amount,
        this_year.gross_amount,
        this_year.discount_amount,
        this_year.returns_amount,
        this_year.margin_amount,
        this_year.unit_count,
        this_year.transaction_count,
        -- NULL when the data does not hold that week in full; zero when the department did not sell
        case when week_ly.is_complete_week then {{ money('coalesce(last_year.net_amount, 0)') }} end
            as net_amount_ly_aligned,
        case
            when this_year.is_complete_week and week_ly.is_complete_week
                then {{ ratio('this_year.net_amount', 'last_year.net_amount') }} - 1
        end as net_growth_ly_rate,
        {{ trailing_week_mean(4) }} as net_amount_4_week_mean,
        {{ trailing_week_mean(13) }} as net_amount_13_week_mean,
        {{ ratio('this_year.net_amount', trailing_week_mean(52)) }} as seasonal_index,
        this_year.is_complete_week,
        this_year.is_partial

    from dense_week as this_year
    left join week as week_ly
        on this_year.week_start_date_ly_aligned = week_ly.fiscal_week_start_date
    left join dense_week as last_year
        on
            this_year.department_name = last_year.department_name
            and this_year.week_start_date_ly_aligned = last_year.fiscal_week_start_date

)

select * from final
