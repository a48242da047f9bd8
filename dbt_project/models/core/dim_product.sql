-- Grain: one row per item, by its latest extract.
-- A product that facts name and no master knows is inferred; the unknown one is a row too.
with

master as (

    select * from {{ ref('int_product__consolidated') }}

),

special_member as (

    {{ special_member_ids() }}

),

member as (

    -- union and not union all: each product once, however many sources name it
    select product_id from master

    union

    select product_id from {{ ref('int_product__referenced') }}

    union

    select member_id as product_id from special_member

),

final as (

    select
        {{ member_key('member.product_id') }} as product_key,
        member.product_id,
        master.gtin,
        coalesce(master.product_name, member.product_id) as product_name,
        coalesce(master.department_name, 'Unknown') as department_name,
        coalesce(master.category_name, 'Unknown') as category_name,
        coalesce(master.subcategory_name, 'Unknown') as subcategory_name,
        coalesce(master.level_4_name, 'Unknown') as level_4_name,
        coalesce(master.level_5_name, 'Unknown') as level_5_name,
        coalesce(master.brand_name, 'Unknown') as brand_name,
        master.pack_size,
        master.season,
        master.climate_tag,
        master.is_private_label,
        master.manufacturer_id,
        master.launch_date,
        master.delist_date,
        {{ is_inferred('member.product_id', 'master.product_id') }} as is_inferred

    from member
    left join master on member.product_id = master.product_id

)

select * from final
