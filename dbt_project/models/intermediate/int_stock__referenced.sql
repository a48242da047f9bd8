{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_period_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('fiscal_period_start_date', 'fiscal_period_start_date') }}"
) }}

-- Grain: one row per fiscal period, kind of member and member that stock or its movements name.
-- A table, so that the dimensions need not read all stock each night to find a few ids.
with

day as (

    select
        date_day,
        fiscal_period_start_date

    from {{ ref('dim_date') }}

    where {{ is_changed('fiscal_period_start_date', 'fiscal_period_start_date') }}

),

member as (

    {% for feed, kinds in [
        ('snapshot', ['store', 'product']), ('movement', ['store', 'product', 'supplier'])
    ] -%}
    {%- set last_feed = loop.last -%}
    {%- for kind in kinds -%}
    select
        '{{ kind }}' as member_kind,
        {{ reference_id('stock.' ~ kind ~ '_id') }} as member_id,
        day.fiscal_period_start_date

    from {{ ref('stg_stock__' ~ feed) }} as stock
    inner join day on stock.business_date = day.date_day

    {% if not (last_feed and loop.last) -%}
    union

    {% endif %}
    {%- endfor -%}
    {%- endfor %}

)

select * from member
