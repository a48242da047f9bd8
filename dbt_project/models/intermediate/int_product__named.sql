-- Grain: one row per name that a line may give an item: its own number, and its GTIN where that is
-- no item's number. Of several items with one GTIN the first by number lends its attributes.
{%- set attributes = [
    'gtin', 'product_name', 'department_name', 'category_name', 'subcategory_name',
    'level_4_name', 'level_5_name', 'brand_name', 'pack_size', 'season', 'climate_tag',
    'is_private_label', 'manufacturer_id', 'launch_date', 'delist_date'
] %}
with

item as (

    select * from {{ ref('int_product__consolidated') }}

),

coded as (

    select
        item.*,
        row_number() over (
            partition by item.gtin
            order by item.product_id nulls last
        ) as code_number

    from item
    left join item as namesake on item.gtin = namesake.product_id

    where item.gtin is not null and namesake.product_id is null

),

named as (

    select
        product_id,
        {{ attributes | join(',\n        ') }}

    from item

    union all

    select
        gtin as product_id,
        {{ attributes | join(',\n        ') }}

    from coded

    where code_number = 1

)

select * from named
