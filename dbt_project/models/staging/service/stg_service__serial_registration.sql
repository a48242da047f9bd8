-- Grain: one row per item, serial number and day of registration.
with

source as (

    {{ counted_row('serial_registration') }}

),

renamed as (

    select
        ---------- ids
        item_id as product_id,
        serial_no as serial_ref,
        {{ filled_text('store_id') }} as store_id,
        workstation_id,
        transaction_seq as transaction_number,
        business_date,
        {{ reference_id('customer_ref') }} as customer_id,

        ---------- text
        warranty_type as warranty_name,

        ---------- numerics
        warranty_months as warranty_month_count,

        ---------- dates
        registered_date,

        ---------- timestamps
        cast(registered_ts as timestamp) as registered_at,

        ---------- where the row stands, to break ties
        _file_id,
        _line_number

    from source

)

select * from renamed
