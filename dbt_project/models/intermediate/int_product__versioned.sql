{{ config(materialized=shared_view()) }}

-- Grain: one row per item and version: what the master said of it from one date to another, with a
-- label where it said nothing. An item that a later extract no longer names stays as it was.
{%- set attributes = [
    'gtin', 'product_name', 'department_name', 'category_name', 'subcategory_name', 'level_4_name',
    'level_5_name', 'brand_name', 'pack_size', 'season', 'climate_tag', 'is_private_label',
    'manufacturer_id', 'launch_date', 'delist_date'
] %}
with

extracted as (

    {{ latest_extract(ref('stg_master__item'), ['product_id', 'extract_date']) }}

),

labelled as (

    select
        product_id,
        gtin,
        coalesce(product_name, product_id) as product_name,
        coalesce(department_name, 'Unknown') as department_name,
        coalesce(category_name, 'Unknown') as category_name,
        coalesce(subcategory_name, 'Unknown') as subcategory_name,
        coalesce(level_4_name, 'Unknown') as level_4_name,
        coalesce(level_5_name, 'Unknown') as level_5_name,
        coalesce(brand_name, 'Unknown') as brand_name,
        pack_size,
        season,
        climate_tag,
        is_private_label,
        manufacturer_id,
        launch_date,
        delist_date,
        extract_date

    from extracted

),

changed as (

    {{ changed_states('labelled', ['product_id'], 'extract_date', attributes) }}

),

versioned as (

    {{ dated_versions('changed', ['product_id'], 'extract_date', attributes) }}

)

select * from versioned
