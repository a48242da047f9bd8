{#- The name of the band that a share falls in, from the one above the upper limit to that below the lower. -#}
{% macro band(rate, upper, lower, names) -%}
    case
        when {{ rate }} is null then 'unknown'
        when {{ rate }} >= {{ upper }} then '{{ names[0] }}'
        when {{ rate }} >= {{ lower }} then '{{ names[1] }}'
        else '{{ names[2] }}'
    end
{%- endmacro %}
