-- Grain: one row per item: its latest extract, whole, with a label where the extract says nothing.
-- A build compares these labels with dim_product to find dates whose product attributes changed.
with

extracted as (

    select * from {{ ref('stg_master__item') }}

),

ranked as (

    select
        product_id,
        gtin,
        product_name,
        department_name,
        category_name,
        subcategory_name,
        level_4_name,
        level_5_name,
        brand_name,
        pack_size,
        season,
        climate_tag,
        is_private_label,
        manufacturer_id,
        launch_date,
        delist_date,
        row_number() over (
            partition by product_id
            order by
                extract_date desc nulls last,
                _file_id desc nulls last,
                _line_number desc nulls last
        ) as recency_number

    from extracted

),

latest as (

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
        delist_date

    from ranked

    where recency_number = 1

)

select * from latest
