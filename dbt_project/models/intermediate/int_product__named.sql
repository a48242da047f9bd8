-- Grain: one row per version of each name that a line may give an item: its own number, and its
-- GTIN of today where that is no item's number. Of several items with one GTIN the first by number
-- lends its versions.
{%- set attributes = [
    'gtin', 'product_name', 'department_name', 'category_name', 'subcategory_name',
    'level_4_name', 'level_5_name', 'brand_name', 'pack_size', 'season', 'climate_tag',
    'is_private_label', 'manufacturer_id', 'launch_date', 'delist_date',
    'valid_from_date', 'valid_to_date'
] %}
with

item as (

    select * from {{ ref('int_product__versioned') }}

),

item_today as (

    select product_id, gtin
    from item
    where valid_to_date = {{ last_valid_date() }}

),

coded as (

    select
        item_today.gtin,
        min(item_today.product_id) as product_id

    from item_today
    left join item_today as namesake on item_today.gtin = namesake.product_id

    where item_today.gtin is not null and namesake.product_id is null

    group by item_today.gtin

),

named as (

    select
        product_id,
        {{ attributes | join(',\n        ') }}

    from item

    union all

    select
        coded.gtin as product_id,
        item.{{ attributes | join(',\n        item.') }}

    from coded
    inner join item on coded.product_id = item.product_id

)

select * from named
