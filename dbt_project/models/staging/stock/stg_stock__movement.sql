-- Grain: one row per movement line.
with

source as (

    {{ counted_row('stock_movement') }}

),

renamed as (

    select
        ---------- ids
        movement_id,
        location_id as store_id,
        item_id as product_id,
        {{ reference_id('counterpart_location_id') }} as counterpart_store_id,
        {{ reference_id('supplier_id') }} as supplier_id,
        {{ filled_text('document_no') }} as document_ref,
        {{ filled_text('po_no') }} as purchase_order_ref,

        ---------- text
        movement_type as movement_type_code,
        reason as movement_reason,

        ---------- numerics
        qty as movement_quantity,
        unit_cost as unit_cost_amount,

        ---------- dates
        business_date,
        expected_date,

        ---------- timestamps
        cast(moved_ts as timestamp) as moved_at

    from source

)

select * from renamed
