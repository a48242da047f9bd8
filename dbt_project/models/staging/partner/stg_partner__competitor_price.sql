-- Grain: one row per competitor, item, place and day.
with

source as (

    {{ counted_row('competitor_price') }}

),

renamed as (

    select
        ---------- ids
        item_id as product_id,
        store_id,

        ---------- text
        competitor as competitor_name,

        ---------- numerics
        price as price_amount,

        ---------- booleans
        is_promotion,

        ---------- dates
        observed_date

    from source

)

select * from renamed
