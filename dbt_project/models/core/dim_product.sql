{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed_members('product', product_members()) }}"
) }}

-- Grain: one row per item and version, by the dates of its extracts.
-- A GTIN that a line names in place of an item is a member too, with the item's versions.
-- A product that facts name and no master knows is inferred; the unknown one is a row too.
with

named as (

    {{ versions_to_build('product', ref('int_product__named')) }}

),

member as (

    select product_id
    from ({{ product_members() }}) as known
    where {{ is_not_standing('product_id') }}

),

final as (

    select
        {{ version_key('member.product_id', 'named.valid_from_date') }} as product_key,
        member.product_id,
        named.gtin,
        coalesce(named.product_name, member.product_id) as product_name,
        coalesce(named.department_name, 'Unknown') as department_name,
        coalesce(named.category_name, 'Unknown') as category_name,
        coalesce(named.subcategory_name, 'Unknown') as subcategory_name,
        coalesce(named.level_4_name, 'Unknown') as level_4_name,
        coalesce(named.level_5_name, 'Unknown') as level_5_name,
        coalesce(named.brand_name, 'Unknown') as brand_name,
        named.pack_size,
        named.season,
        named.climate_tag,
        named.is_private_label,
        named.manufacturer_id,
        named.launch_date,
        named.delist_date,
        {{ validity('named') }},
        {{ is_inferred('member.product_id', 'named.product_id') }} as is_inferred

    from member
    left join named on member.product_id = named.product_id

)

select * from final
