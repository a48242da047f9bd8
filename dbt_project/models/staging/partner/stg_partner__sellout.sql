-- Grain: one row per partner, item and business date.
with

source as (

    {{ counted_row('partner_sellout') }}

),

renamed as (

    select
        ---------- ids
        partner_id,
        item_id as product_id,

        ---------- numerics
        qty as sellout_quantity,
        amount as sellout_amount,

        ---------- dates
        business_date

    from source

)

select * from renamed
