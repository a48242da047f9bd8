{#- Fails on each row in which one of the columns is NULL: one scan where not_null takes one each. -#}
{% test no_null_key(model, columns) %}
    select *
    from {{ model }}
    where
        {%- for column in columns %}
        {{ 'or ' if not loop.first }}{{ column }} is null
        {%- endfor %}
{% endtest %}
