-- Grain: one row per late file: written a day and more after a file that holds later dates alone.
-- Files that all were written at once, such as a history, are not late.
with

file as (

    select
        feed,
        file_name,
        last_date,
        modified_ns

    from {{ source('ledger', 'file') }}

    where status = 'loaded' and last_date is not null

),

written as (

    select
        feed,
        last_date,
        min(modified_ns) as modified_ns

    from file

    group by feed, last_date

),

overtaken as (

    select
        feed,
        last_date,
        min(modified_ns) over (
            partition by feed
            order by last_date desc nulls last
            rows between unbounded preceding and 1 preceding
        ) as overtaken_at_ns

    from written

),

late as (

    select
        file.feed as feed_code,
        file.file_name,
        file.last_date,
        cast(
            floor((file.modified_ns - overtaken.overtaken_at_ns) / {{ 86400 * 1000000000 }})
            as bigint
        ) as late_day_count

    from file
    inner join overtaken on file.feed = overtaken.feed and file.last_date = overtaken.last_date

    where file.modified_ns - overtaken.overtaken_at_ns > {{ 86400 * 1000000000 }}

),

final as (

    select
        feed_code,
        file_name,
        last_date,
        late_day_count,
        late_day_count > {{ var('late_days') }} as is_beyond_late_days

    from late

)

select * from final
