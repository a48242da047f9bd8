{#-
    Fails on each row whose key names no member of its dimension. `members` maps a column to
    <dimension>.<column>; one node for all keys of a fact, where `relationships` takes one each.
-#}
{% test known_member(model, members) %}
    select fact.*
    from {{ model }} as fact
    where
        {%- for column, member in members.items() %}
        {%- set dimension, key = member.split('.') %}
        {{ 'or ' if not loop.first -}}
        fact.{{ column }} not in (select {{ key }} from {{ ref(dimension) }})
        {%- endfor %}
{% endtest %}
