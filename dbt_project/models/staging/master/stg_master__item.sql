-- Grain: one row per item and extract. Attributes are as the item master gave them on that day.
with

source as (

    {{ counted_row('item') }}

),

renamed as (

    select
        ---------- ids
        item_id as product_id,
        {{ gtin_14('gtin') }} as gtin,
        manufacturer_id,

        ---------- text
        item_name as product_name,
        level_1 as department_name,
        level_2 as category_name,
        level_3 as subcategory_name,
        level_4 as level_4_name,
        level_5 as level_5_name,
        brand as brand_name,
        pack_size,
        season,
        climate_tag,

        ---------- booleans
        is_private_label,

        ---------- dates
        launch_date,
        delist_date,
        extract_date,

        ---------- where the row stands, to break ties between extracts of one day
        _file_id,
        _line_number

    from source

)

select * from renamed
