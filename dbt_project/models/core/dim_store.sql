{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed_members('store', store_members()) }}"
) }}

-- Grain: one row per store and version, by the dates of its extracts.
-- A store that facts name and no master knows is inferred; the unknown one is a row too.
with

master as (

    {{ versions_to_build('store', ref('int_store__versioned')) }}

),

member as (

    select store_id
    from ({{ store_members() }}) as known
    where {{ is_not_standing('store_id') }}

),

final as (

    select
        {{ version_key('member.store_id', 'master.valid_from_date') }} as store_key,
        member.store_id,
        coalesce(master.store_name, member.store_id) as store_name,
        master.format,
        master.open_date,
        master.close_date,
        master.remodel_date,
        master.selling_area_m2,
        master.region,
        master.district,
        {{ reference_id('master.region') }} as territory_id,
        master.climate_zone,
        coalesce(master.cluster_code, 'unclustered') as cluster_code,
        master.time_zone,
        master.country,
        {{ validity('master') }},
        {{ is_inferred('member.store_id', 'master.store_id') }} as is_inferred

    from member
    left join master on member.store_id = master.store_id

)

select * from final
