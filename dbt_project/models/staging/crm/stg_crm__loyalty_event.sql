-- Grain: one row per points event.
with

source as (

    {{ counted_row('loyalty_event') }}

),

renamed as (

    select
        ---------- ids
        event_id as loyalty_event_id,
        {{ reference_id('loyalty_id') }} as customer_id,
        {{ filled_text('store_id') }} as store_id,
        workstation_id,
        transaction_seq as transaction_number,

        ---------- text
        event_type as loyalty_event_code,
        tier as tier_name,

        ---------- numerics
        coalesce(points, 0) as point_quantity,

        ---------- dates
        event_date,
        business_date,

        ---------- timestamps
        cast(event_ts as timestamp) as event_at

    from source

)

select * from renamed
