-- Grain: one row per store, business date and half-hour. Counts are additive where is_sensor_sound.
with

traffic as (

    select * from {{ ref('stg_master__traffic') }}

),

final as (

    -- Left joins: each id is a member of its dimension; a missing one must fail a test, not hide.
    select
        store.store_key,
        store.store_id,
        traffic.business_date,
        traffic.half_hour_number,
        traffic.visitor_in_count,
        traffic.visitor_out_count,
        coalesce(traffic.is_sensor_sound, true) as is_sensor_sound

    from traffic
    left join {{ ref('dim_store') }} as store
        on {{ version_on('store', 'traffic.store_id', 'traffic.business_date') }}

)

select * from final
