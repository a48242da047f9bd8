{#- Fails on each row for which the condition is false. NULL passes: absent values have own tests. -#}
{% test row_condition(model, condition) %}
    select * from {{ model }}
    where not ({{ condition }})
{% endtest %}
