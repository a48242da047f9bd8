-- Grain: one row per subscription and extract date.
with

source as (

    {{ counted_row('alert_subscription') }}

),

renamed as (

    select
        ---------- ids
        subscription_id,
        {{ filled_text('store_id') }} as store_id,

        ---------- text
        alert_type,
        role as role_name,
        delivery as delivery_channel,

        ---------- dates
        extract_date,

        ---------- where the row stands, to break ties
        _file_id,
        _line_number

    from source

)

select * from renamed
