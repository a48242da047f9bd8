-- Grain: one row per feed that the warehouse knows; its counts are 0 while no file was accepted.
with

feed as (

    select * from {{ source('ledger', 'feed') }}

),

file as (

    select * from {{ source('ledger', 'file') }}

),

file_by_feed as (

    select
        feed,
        -- A file that says what another one says came all the same: its rows are duplicates.
        sum(case when status in ('loaded', 'duplicate') then 1 else 0 end) as file_count,
        sum(case when status = 'refused' then 1 else 0 end) as refused_file_count,
        sum(case when status = 'superseded' then 1 else 0 end) as resent_file_count,
        sum(case when status = 'loaded' and {{ has_drifted('warning') }} then 1 else 0 end)
            as drifted_file_count,
        sum(case when status = 'loaded' and not is_proven then 1 else 0 end) as unproven_file_count,
        min(case when status = 'loaded' then first_date end) as first_date,
        max(case when status = 'loaded' then last_date end) as last_date,
        sum(case when status in ('loaded', 'duplicate') then row_count end) as row_count,
        sum(case when status = 'loaded' then loaded_count end) as loaded_count,
        sum(case when status = 'loaded' then quarantined_count end) as quarantined_count,
        sum(case when status in ('loaded', 'duplicate') then duplicate_count end)
            as duplicate_count

    from file

    group by feed

),

late as (

    select
        feed_code,
        count(*) as late_file_count

    from {{ ref('late_file') }}

    group by feed_code

),

excluded as (

    select
        feed,
        sum(case when kind = 'conflict' then 1 else 0 end) as conflicting_row_count,
        sum(case when kind = 'replaced' then 1 else 0 end) as corrected_row_count

    from {{ source('ledger', 'excluded_row') }}

    group by feed

),

kept as (

    select
        entity,
        max(kept_from_date) as kept_from_date

    from {{ source('retention', 'kept_from') }}

    group by entity

),

missing as (

    select
        'pos_line' as feed,
        count(*) as missing_store_day_count

    from {{ ref('missing_store_day') }}

),

final as (

    select
        feed.feed as feed_code,
        feed.title as feed_name,
        feed.is_required,
        case when coalesce(file_by_feed.file_count, 0) > 0 then 'ok' else 'no feed' end as status,
        cast(coalesce(file_by_feed.file_count, 0) as bigint) as file_count,
        cast(coalesce(file_by_feed.refused_file_count, 0) as bigint) as refused_file_count,
        file_by_feed.first_date,
        file_by_feed.last_date,
        kept.kept_from_date,
        cast(coalesce(file_by_feed.row_count, 0) as bigint) as row_count,
        cast(coalesce(file_by_feed.loaded_count, 0) as bigint) as loaded_count,
        cast(coalesce(file_by_feed.quarantined_count, 0) as bigint) as quarantined_count,
        cast(coalesce(file_by_feed.duplicate_count, 0) as bigint) as duplicate_count,
        cast(missing.missing_store_day_count as bigint) as missing_store_day_count,
        cast(coalesce(late.late_file_count, 0) as bigint) as late_file_count,
        cast(coalesce(file_by_feed.resent_file_count, 0) as bigint) as resent_file_count,
        cast(coalesce(file_by_feed.drifted_file_count, 0) as bigint) as drifted_file_count,
        cast(coalesce(file_by_feed.unproven_file_count, 0) as bigint) as unproven_file_count,
        cast(coalesce(excluded.corrected_row_count, 0) as bigint) as corrected_row_count,
        cast(coalesce(excluded.conflicting_row_count, 0) as bigint) as conflicting_row_count

    from feed
    left join file_by_feed on feed.feed = file_by_feed.feed
    left join missing on feed.feed = missing.feed
    left join late on feed.feed = late.feed_code
    left join kept on feed.retention = kept.entity
    left join excluded on feed.feed = excluded.feed

)

select * from final
