{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('from_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('from_date') }}"
) }}

-- Grain: one row per first day, kind of member and member that promotion coverage names.
-- A table, so that the dimensions need not read all coverage each night to find a few ids.
with

member as (

    -- Read three times: a CTE over all coverage would be held in memory.
    {% for kind in ['store', 'product', 'promotion'] -%}
    select
        '{{ kind }}' as member_kind,
        {{ reference_id(kind ~ '_id') }} as member_id,
        from_date

    from {{ ref('stg_master__promo_coverage') }}

    where {{ is_changed('from_date') }}

    group by {{ kind }}_id, from_date
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select * from member
