{#-
    Fails on each combination of the columns that occurs more than once. `replaced_by` names the column
    of dates, one of the key or told by it, by which an incremental model is replaced: rows of other
    dates stand as they were when they were tested. `made_anew` names the table of is_made_anew.
-#}
{% test unique_combination(model, columns, replaced_by=none, grain='date_day', made_anew=none) %}
    select
        {{ columns | join(',\n        ') }},
        count(*) as row_count
    from {{ model }}
    {%- if replaced_by %}
    where {{ replaced_by }} in ({{ changed_periods(grain, false) }})
    {%- elif made_anew %}
    where {{ is_made_anew(made_anew) }}
    {%- endif %}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
