{#-
    Fails on each version of a member that leaves a gap to the one before, overlaps it, ends before it
    begins, or is marked as current without being the last.
-#}
{% test whole_history(model, member) %}
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
    ) as version
    where
        valid_to_date < valid_from_date
        or valid_from_date
        <> coalesce({{ add_days('previous_to_date', 1) }}, {{ first_valid_date() }})
        or is_current <> (next_from_date is null)
        or (next_from_date is null and valid_to_date <> {{ last_valid_date() }})
{% endtest %}
