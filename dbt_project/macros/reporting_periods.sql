{#- A query of every date three times: as a day, in its fiscal week and in its fiscal period. -#}
{% macro reporting_periods() -%}
    select
        date_day,
        'day' as period_grain,
        date_day as period_start_date,
        date_day as period_end_date
    from {{ ref('dim_date') }}

    union all

    select
        date_day,
        'week' as period_grain,
        fiscal_week_start_date as period_start_date,
        {{ add_days('fiscal_week_start_date', 6) }} as period_end_date
    from {{ ref('dim_date') }}

    union all

    select
        date_day,
        'period' as period_grain,
        fiscal_period_start_date as period_start_date,
        max(date_day) over (partition by fiscal_period_start_date) as period_end_date
    from {{ ref('dim_date') }}
{%- endmacro %}
