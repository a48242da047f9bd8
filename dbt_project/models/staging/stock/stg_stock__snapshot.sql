-- Grain: one row per business date, location and item.
with

source as (

    {{ counted_row('stock_snapshot') }}

),

renamed as (

    select
        ---------- ids
        location_id as store_id,
        item_id as product_id,

        ---------- numerics
        on_hand as on_hand_quantity,
        available as available_quantity,
        reserved as reserved_quantity,
        in_transit_in as in_transit_quantity,
        damaged as damaged_quantity,
        unit_cost as unit_cost_amount,
        retail_price as retail_price_amount,
        presentation_min as presentation_minimum_quantity,
        safety_stock as safety_stock_quantity,

        ---------- booleans
        ranged_flag as is_ranged,

        ---------- dates
        business_date

    from source

)

select * from renamed
