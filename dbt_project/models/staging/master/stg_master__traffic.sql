-- Grain: one row per store, business date and half-hour.
with

source as (

    {{ counted_row('traffic') }}

),

renamed as (

    select
        ---------- ids
        store_id,

        ---------- numerics
        half_hour as half_hour_number,
        count_in as visitor_in_count,
        count_out as visitor_out_count,

        ---------- booleans
        sensor_ok as is_sensor_sound,

        ---------- dates
        business_date

    from source

)

select * from renamed
