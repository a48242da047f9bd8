{#-
    Mean weekly net of a department over the last so many weeks, this one included. NULL until there
    are that many, and NULL when one of them is incomplete: half a week would pull the mean down.
-#}
{% macro trailing_week_mean(week_count) -%}
    case
        when sum(case when this_year.is_complete_week then 1 else 0 end) over (
            partition by this_year.department_name
            order by this_year.fiscal_week_start_date asc nulls last
            rows between {{ week_count - 1 }} preceding and current row
        ) = {{ week_count }}
            then cast(sum(this_year.net_amount) over (
                partition by this_year.department_name
                order by this_year.fiscal_week_start_date asc nulls last
                rows between {{ week_count - 1 }} preceding and current row
            ) as double) / {{ week_count }}
    end
{%- endmacro %}
