-- Grain: one row per feed, country, fiscal week and run that took rows out of it: how many are kept
-- no longer, and how many of them stay in raw.duckdb for a legal hold. Additive.
with

purge_log as (

    select * from {{ source('retention', 'purge_log') }}

),

final as (

    select
        entity as entity_code,
        feed as feed_code,
        country as country_code,
        fiscal_week_start_date,
        cast(row_count as bigint) as purged_row_count,
        cast(held_row_count as bigint) as held_row_count,
        is_late,
        as_of_date,
        cast(purged_at as timestamp) as purged_at

    from purge_log

)

select * from final
