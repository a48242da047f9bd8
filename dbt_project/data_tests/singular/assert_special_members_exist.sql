-- A returned row is a special member that a dimension lacks or has under another key. It exists
-- because facts point at -1, -2 and 0 instead of NULL, and an inner join would lose their rows.
{{ config(meta={'dagster': {'ref': {'name': 'dim_promotion'}}}) }}
with

expected as (

    {%- set dimensions = [
        'store', 'product', 'customer', 'promotion', 'campaign', 'employee', 'supplier'
    ] %}
    {%- for dimension in dimensions %}
    select '{{ dimension }}' as dimension, {{ unknown_id() }} as member_id, -1 as member_key
    union all
    select '{{ dimension }}' as dimension, {{ not_applicable_id() }} as member_id, -2 as member_key
    union all
    {%- endfor %}
    select 'customer' as dimension, {{ erased_id() }} as member_id, -3 as member_key
    union all
    select 'promotion' as dimension, {{ no_promotion_id() }} as member_id, 0 as member_key

),

actual as (

    {%- for dimension in dimensions %}
    select
        '{{ dimension }}' as dimension,
        {{ dimension }}_id as member_id,
        {{ dimension }}_key as member_key
    from {{ ref('dim_' ~ dimension) }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

)

select expected.*

from expected
left join actual
    on
        expected.dimension = actual.dimension
        and expected.member_id = actual.member_id
        and expected.member_key = actual.member_key

where actual.member_key is null
