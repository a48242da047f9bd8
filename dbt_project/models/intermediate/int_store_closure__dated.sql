-- Grain: one row per store of the master, reason and span of dates on which the calendar says that
-- it is closed, and why. A day without a reason is the day of rest of every week.
with

store as (

    select distinct store_id from {{ ref('int_store__versioned') }}

),

own_or_chain_day as (

    select
        store.store_id,
        calendar.business_date,
        calendar.is_open,
        calendar.closed_reason,
        row_number() over (
            partition by store.store_id, calendar.business_date
            -- a day of its own counts more than the chain's
            order by case when calendar.store_id = '*' then 1 else 0 end asc nulls last
        ) as day_rank

    from {{ ref('stg_master__calendar') }} as calendar
    inner join store
        on calendar.store_id = store.store_id or calendar.store_id = '*'

),

closed_day as (

    select
        store_id,
        {{ filled_text('closed_reason') }} as closed_reason,
        business_date as valid_from_date,
        business_date as valid_to_date
    from own_or_chain_day
    where day_rank = 1 and not is_open and {{ filled_text('closed_reason') }} is not null

),

final as (

    {{ merged_spans('closed_day', ['store_id', 'closed_reason']) }}

)

select * from final
