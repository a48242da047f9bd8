-- A returned row is a day whose next day is missing, or a retail year that has neither 52 nor 53
-- weeks. It exists because a gap would drop sales from every model that joins the calendar.
{{ config(meta={'dagster': {'ref': {'name': 'dim_date'}}}) }}
with

day as (

    select
        date_day,
        lead(date_day) over (order by date_day nulls last) as next_date_day

    from {{ ref('dim_date') }}

),

fiscal_year as (

    select
        fiscal_year_start_date,
        count(*) as day_count,
        max(fiscal_week) as week_count

    from {{ ref('dim_date') }}

    group by fiscal_year_start_date

),

calendar as (

    select
        min(fiscal_year_start_date) as first_year_start_date,
        max(fiscal_year_start_date) as last_year_start_date

    from fiscal_year

),

whole_fiscal_year as (

    -- The first and the last retail year are cut by the range of the calendar.
    select fiscal_year.*
    from fiscal_year
    cross join calendar
    where
        fiscal_year.fiscal_year_start_date > calendar.first_year_start_date
        and fiscal_year.fiscal_year_start_date < calendar.last_year_start_date

)

select
    date_day,
    'no next day' as finding

from day

where
    {{ days_between('date_day', 'next_date_day') }} <> 1

union all

select
    fiscal_year_start_date as date_day,
    'not 52 or 53 whole weeks' as finding

from whole_fiscal_year

where
    day_count <> 7 * week_count
    or week_count not in (52, 53)
