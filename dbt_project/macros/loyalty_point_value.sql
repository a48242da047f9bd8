{#- What the retailer says one point is worth, in the reporting currency; NULL where he does not. -#}
{% macro loyalty_point_value() -%}
    cast({{ 'null' if var('loyalty_point_value') is none else var('loyalty_point_value') }} as decimal(18, 6))
{%- endmacro %}
