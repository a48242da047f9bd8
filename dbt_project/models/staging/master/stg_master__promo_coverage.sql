-- Grain: one row per promotion, item, store and first day.
with

source as (

    {{ counted_row('promo_coverage') }}

),

renamed as (

    select
        ---------- ids
        promotion_id,
        item_id as product_id,
        store_id,

        ---------- dates
        from_date,
        to_date

    from source

)

select * from renamed
