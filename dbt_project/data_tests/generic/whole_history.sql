{#-
    Fails on each version of a member that leaves a gap to the one before, overlaps it, ends before it
    begins, or is marked as current without being the last: so a member and its first date are a key.
    `changed` names a table of the members whose versions the run made anew: others stand as they were
    when they were tested. Spark, which has no such table, makes all anew.
-#}
{% test whole_history(model, member, changed=none) %}
    select *
    from (
        select
            {{ member }},
            valid_from_date,
            valid_to_date,
            is_current,
            lag(valid_to_date) over (
                partition by {{ member }} order by valid_from_date nulls last
            ) as previous_to_date,
            lead(valid_from_date) over (
                partition by {{ member }} order by valid_from_date nulls last
            ) as next_from_date
        from {{ model }}
        {%- if changed and target.type != 'spark' %}
        where {{ member }} in (select {{ member }} from {{ source('history', changed) }})
        {%- endif %}
    ) as version
    where
        valid_to_date < valid_from_date
        or valid_from_date
        <> coalesce({{ add_days('previous_to_date', 1) }}, {{ first_valid_date() }})
        or is_current <> (next_from_date is null)
        or (next_from_date is null and valid_to_date <> {{ last_valid_date() }})
{% endtest %}
