{#- What ends where receipts do: weeks of which sums alone are kept, see docs/privacy.md. -#}

{#- A query of the periods of the calendar in which a store has a rolled day: not all of it is told. -#}
{% macro rolled_periods(grain) -%}
    select calendar_day.{{ grain }}
    from {{ ref('fct_sales_day') }} as rolled_day
    inner join {{ ref('dim_date') }} as calendar_day
        on rolled_day.business_date = calendar_day.date_day
    where rolled_day.is_rolled
{%- endmacro %}

{#- The condition that a month begins after the last rolled day: whoever is new in it is new. -#}
{% macro is_after_rolled_months(month_start_date) -%}
    {{ month_start_date }} > (
        select coalesce(max(rolled_day.business_date), {{ first_valid_date() }})
        from {{ ref('fct_sales_day') }} as rolled_day
        where rolled_day.is_rolled
    )
{%- endmacro %}
