-- Grain: one row per store and business date.
with

source as (

    {{ counted_row('calendar') }}

),

renamed as (

    select
        ---------- ids
        store_id,

        ---------- text
        holiday_name,
        closed_reason,

        ---------- booleans
        is_open,

        ---------- dates
        business_date

    from source

)

select * from renamed
