-- Grain: one row per business date, location and item.
with

source as (

    {{ counted_row('stock_snapshot') }}

),

delta_file as (

    select file_id from {{ source('ledger', 'delta_file') }}
    where feed = 'stock_snapshot'

),

renamed as (

    select
        ---------- ids
        source.location_id as store_id,
        source.item_id as product_id,

        ---------- numerics
        source.on_hand as on_hand_quantity,
        source.available as available_quantity,
        source.reserved as reserved_quantity,
        source.in_transit_in as in_transit_quantity,
        source.damaged as damaged_quantity,
        source.unit_cost as unit_cost_amount,
        source.retail_price as retail_price_amount,
        source.presentation_min as presentation_minimum_quantity,
        source.safety_stock as safety_stock_quantity,

        ---------- booleans
        source.ranged_flag as is_ranged,
        delta_file.file_id is null as is_full_extract,

        ---------- dates
        source.business_date

    from source
    left join delta_file on source._file_id = delta_file.file_id

)

select * from renamed
