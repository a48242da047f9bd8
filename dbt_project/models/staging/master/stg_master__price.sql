-- Grain: one row per item, place, kind, first day and extract date.
with

source as (

    {{ counted_row('price') }}

),

renamed as (

    select
        ---------- ids
        item_id as product_id,
        store_id,
        price_zone,

        ---------- text
        price_type as price_type_code,
        currency as currency_code,

        ---------- numerics
        price as price_amount,

        ---------- dates
        from_date,
        to_date,
        extract_date,

        ---------- where the row stands, to break ties
        _file_id,
        _line_number

    from source

)

select * from renamed
