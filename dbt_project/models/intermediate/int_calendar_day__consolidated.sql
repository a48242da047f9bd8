-- Grain: one row per date that the calendar of any store names, with what holds for the chain: what
-- its own row (store *) says, or what more than half of the stores that name the date agree upon.
with

calendar_day as (

    select
        business_date,
        store_id = '*' as is_chain,
        {{ filled_text('holiday_name') }} as holiday_name,
        is_open

    from {{ ref('stg_master__calendar') }}

),

day_of_chain as (

    select
        business_date,
        max(case when is_chain then 1 else 0 end) = 1 as is_told_by_chain,
        max(case when is_chain then holiday_name end) as chain_holiday_name,
        max(case when is_chain and is_open then 1 else 0 end) = 1 as is_chain_open,
        sum(case when is_chain then 0 else 1 end) as store_count,
        sum(case when is_open and not is_chain then 1 else 0 end) as open_store_count

    from calendar_day

    group by business_date

),

holiday_of_stores as (

    select
        calendar_day.business_date,
        calendar_day.holiday_name

    from calendar_day
    inner join day_of_chain on calendar_day.business_date = day_of_chain.business_date

    where not calendar_day.is_chain and calendar_day.holiday_name is not null

    group by calendar_day.business_date, calendar_day.holiday_name, day_of_chain.store_count

    having 2 * count(*) > day_of_chain.store_count

),

final as (

    select
        day_of_chain.business_date,
        case
            when day_of_chain.is_told_by_chain then day_of_chain.chain_holiday_name
            else holiday_of_stores.holiday_name
        end as holiday_name,
        case
            when day_of_chain.is_told_by_chain then day_of_chain.is_chain_open
            else 2 * day_of_chain.open_store_count > day_of_chain.store_count
        end as is_open_default

    from day_of_chain
    left join holiday_of_stores on day_of_chain.business_date = holiday_of_stores.business_date

)

select * from final
