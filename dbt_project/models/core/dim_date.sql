-- Grain: one row per day. The retail year is 4-5-4: weeks run Sunday to Saturday and the year ends
-- on the Saturday nearest 31 January, so it starts on the first Sunday on or after 29 January.
with

date_series as (

    {{ day_series(var('calendar_start_date'), var('calendar_end_date')) }}

),

day as (

    -- Who delivers no calendar, or none of that year, trades on every day.
    select
        date_series.date_day,
        chain_day.holiday_name,
        coalesce(chain_day.is_open_default, true) as is_open_default

    from date_series
    left join {{ ref('int_calendar_day__consolidated') }} as chain_day
        on date_series.date_day = chain_day.business_date

),

calendar_day as (

    select
        *,
        {{ iso_day_of_week('date_day') }} as day_of_week_number,
        cast(extract(year from date_day) as bigint) as calendar_year,
        cast(extract(quarter from date_day) as bigint) as calendar_quarter,
        cast(extract(month from date_day) as bigint) as calendar_month,
        {{ month_start('date_day') }} as month_start_date,
        cast(extract(week from date_day) as bigint) as iso_week,
        {{ retail_year_start('extract(year from date_day)') }} as this_year_start_date,
        {{ retail_year_start('extract(year from date_day) - 1') }} as last_year_start_date

    from day

),

fiscal_day as (

    select
        *,
        {{ this_or_last_retail_year('calendar_year', 'calendar_year - 1') }} as fiscal_year,
        {{ this_or_last_retail_year('this_year_start_date', 'last_year_start_date') }}
            as fiscal_year_start_date

    from calendar_day

),

week_numbered as (

    select
        *,
        cast(
            floor({{ days_between('fiscal_year_start_date', 'date_day') }} / 7) as bigint
        ) + 1 as fiscal_week

    from fiscal_day

),

quarter_numbered as (

    select
        *,
        {{ fiscal_quarter() }} as fiscal_quarter

    from week_numbered

),

period_numbered as (

    select
        *,
        {{ period_of_quarter() }} as period_of_quarter

    from quarter_numbered

),

final as (

    select
        date_day,
        day_of_week_number,
        {{ day_name('day_of_week_number') }} as day_name,
        calendar_year,
        calendar_quarter,
        calendar_month,
        month_start_date,
        iso_week,
        fiscal_year,
        cast(fiscal_quarter as bigint) as fiscal_quarter,
        cast(3 * (fiscal_quarter - 1) + period_of_quarter as bigint) as fiscal_period,
        fiscal_week,
        {{ fiscal_start('fiscal_week - 1') }} as fiscal_week_start_date,
        {{ fiscal_period_start() }} as fiscal_period_start_date,
        {{ fiscal_start('13 * (fiscal_quarter - 1)') }} as fiscal_quarter_start_date,
        fiscal_year_start_date,
        {{ fiscal_code('P', '3 * (fiscal_quarter - 1) + period_of_quarter', 2) }}
            as fiscal_period_code,
        {{ fiscal_code('Q', 'fiscal_quarter', 1) }} as fiscal_quarter_code,
        {{ fiscal_code('W', 'fiscal_week', 2) }} as fiscal_week_code,
        fiscal_week = 53 as is_53rd_week,
        -- The restated rule: the same weekday 52 weeks before. A 53rd week compares with nothing.
        case when fiscal_week < 53 then {{ add_days('date_day', -364) }} end as date_ly_aligned,
        {{ add_months('date_day', -12) }} as date_ly_calendar,
        holiday_name,
        is_open_default

    from period_numbered

)

select * from final
