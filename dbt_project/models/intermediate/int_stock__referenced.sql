{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per business date, kind of member and member that stock or its movements name.
-- A table, so that the dimensions need not read all stock each night to find a few ids.
with

member as (

    {% for feed, kinds in [
        ('snapshot', ['store', 'product']), ('movement', ['store', 'product', 'supplier'])
    ] -%}
    {%- set last_feed = loop.last -%}
    {%- for kind in kinds -%}
    select
        '{{ kind }}' as member_kind,
        {{ reference_id(kind ~ '_id') }} as member_id,
        business_date

    from {{ ref('stg_stock__' ~ feed) }}

    where {{ is_changed('business_date') }}

    {% if not (last_feed and loop.last) -%}
    union

    {% endif %}
    {%- endfor -%}
    {%- endfor -%}

)

select * from member
order by business_date
