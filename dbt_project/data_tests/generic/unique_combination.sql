{#-
    Fails on each combination of the columns that occurs more than once. `replaced_by` names the column
    of dates, one of the key or told by it, by which an incremental model is replaced: rows of other
    dates stand as they were when they were tested. `found_again` names that of a model which is replaced
    from a month on, see is_found_again.
-#}
{% test unique_combination(model, columns, replaced_by=none, grain='date_day', found_again=none) %}
    select
        {{ columns | join(',\n        ') }},
        count(*) as row_count
    from {{ model }}
    {%- if replaced_by %}
    where {{ replaced_by }} in ({{ changed_periods(grain, false) }})
    {%- elif found_again %}
    where {{ is_found_again(found_again, with_gaps=true) }}
    {%- endif %}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
