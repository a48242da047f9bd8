-- Grain: one row per store and business date of the last days (late_days) on which the store sold,
-- held against the same weekday of the weeks before. A date that the calendar names a holiday or
-- closed is neither judged nor a measure for others. Lines vary by chance too: a store of few lines
-- is given at least the deviation of counts at random, the root of their mean.
with

store_day as (

    select
        store_id,
        business_date,
        line_count

    from {{ ref('fct_sales_day') }}

    where line_count is not null

),

last_day as (

    select max(business_date) as last_trading_date
    from store_day

),

named_day as (

    select
        store_id,
        business_date

    from {{ ref('stg_master__calendar') }}

    where holiday_name is not null or closed_reason is not null or not is_open

),

usual_day as (

    select
        store_day.store_id,
        store_day.business_date,
        store_day.line_count,
        {{ iso_day_of_week('store_day.business_date') }} as day_of_week_number

    from store_day
    left join named_day as own_day
        on
            store_day.store_id = own_day.store_id
            and store_day.business_date = own_day.business_date
    left join named_day as chain_day
        on chain_day.store_id = '*' and store_day.business_date = chain_day.business_date

    where own_day.store_id is null and chain_day.store_id is null

),

measured as (

    select
        store_id,
        business_date,
        line_count,
        count(*) over weeks_before as week_count,
        avg(cast(line_count as double)) over weeks_before as usual_line_count,
        coalesce(stddev_samp(cast(line_count as double)) over weeks_before, 0) as line_deviation

    from usual_day

    window weeks_before as (
        partition by store_id, day_of_week_number
        order by business_date nulls last
        rows between {{ var('volume_band_weeks') }} preceding and 1 preceding
    )

),

banded as (

    select
        measured.store_id,
        measured.business_date,
        measured.line_count,
        measured.usual_line_count,
        {{ var('volume_band_deviations') }}
        * greatest(measured.line_deviation, sqrt(measured.usual_line_count)) as band_line_count

    from measured
    cross join last_day

    where
        measured.week_count >= {{ var('volume_band_min_weeks') }}
        and {{ days_between('measured.business_date', 'last_day.last_trading_date') }}
        < {{ var('late_days') }}

),

final as (

    select
        store_id,
        business_date,
        cast(line_count as bigint) as line_count,
        cast(ceil(greatest(usual_line_count - band_line_count, 0)) as bigint) as lowest_line_count,
        cast(floor(usual_line_count + band_line_count) as bigint) as highest_line_count,
        case
            when line_count < usual_line_count - band_line_count then 'below'
            when line_count > usual_line_count + band_line_count then 'above'
            else 'within'
        end as volume_code

    from banded

)

select * from final
