-- Grain: one row per partner, item and business date.
with

source as (

    {{ counted_row('partner_stock') }}

),

renamed as (

    select
        ---------- ids
        partner_id,
        item_id as product_id,

        ---------- numerics
        on_hand as partner_on_hand_quantity,

        ---------- dates
        business_date

    from source

)

select * from renamed
