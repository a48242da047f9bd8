-- Grain: one row per time that somebody was shown what is held on a person, who is not named.
with

logged as (

    select * from {{ source('privacy', 'access') }}

),

final as (

    select
        access_id,
        cast(accessed_at as {{ dbt.type_timestamp() }}) as accessed_at,
        kind as access_name,
        accessed_by,
        table_count as shown_table_count,
        row_count as shown_row_count

    from logged

)

select * from final
