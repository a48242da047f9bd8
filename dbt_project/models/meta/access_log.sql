-- Grain: one row per time that somebody was shown what is held on a person. Names neither of the
-- two: who was shown it stands in raw.duckdb, privacy.access.
with

logged as (

    select * from {{ source('privacy', 'access') }}

),

final as (

    select
        access_id,
        cast(accessed_at as {{ dbt.type_timestamp() }}) as accessed_at,
        kind as access_name,
        table_count as shown_table_count,
        row_count as shown_row_count

    from logged

)

select * from final
