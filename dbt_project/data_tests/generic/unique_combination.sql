{#-
    Fails on each combination of the columns that occurs more than once. `replaced_by` names the column
    of dates, one of the key or told by it, by which an incremental model is replaced: rows of other
    dates stand as they were when they were tested.
-#}
{% test unique_combination(model, columns, replaced_by=none, grain='date_day') %}
    select
        {{ columns | join(',\n        ') }},
        count(*) as row_count
    from {{ model }}
    {%- if replaced_by %}
    where {{ replaced_by }} in ({{ changed_periods(grain, false) }})
    {%- endif %}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
