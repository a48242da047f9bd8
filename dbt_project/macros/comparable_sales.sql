{#-
    Why a store's day does not count in comparable sales (metric M11), in the order in which the
    questions are asked; NULL when it counts. For the columns of comparable_store_day.
    A store whose opening the master does not know opened, for this rule, on its first trading day in
    the data; then the reason says so, since the data may simply begin there.
    An area that either date does not know excludes nothing. The area is asked before the closure, since
    a store that is rebuilt is closed for it: the reason that lasts is the area.
-#}
{% macro comparable_exclusion_reason() -%}
    case
        when date_ly_aligned is null
            then '53rd week'
        when transaction_count = 0
            then 'closed'
        when {{ add_days('open_date', 'excluded_days') }} > date_ly_aligned
            then 'opened too recently'
        when transaction_count_ly = 0
            then 'no sales last year'
        when
            open_date is null
            and {{ add_days('first_trading_date', 'excluded_days') }} > date_ly_aligned
            then 'open date unknown'
        when
            100 * abs(selling_area_m2 - selling_area_m2_ly)
            > max_area_change_percent * selling_area_m2_ly
            then concat_ws(
                ' ', 'area changed by more than',
                cast(max_area_change_percent as {{ dbt.type_string() }}), '% since last year'
            )
        when last_reopening_date > date_ly_aligned
            then concat_ws(
                ' ', 'closed more than', cast(max_closed_days as {{ dbt.type_string() }}),
                'days since last year'
            )
    end
{%- endmacro %}

{#- A text behind its date, '2026-03-08 closed': the largest of several is that of the last date. -#}
{% macro dated_text(date_expression, text_expression) -%}
    concat_ws(' ', cast({{ date_expression }} as {{ dbt.type_string() }}), {{ text_expression }})
{%- endmacro %}

{#- The text without the ten letters of its date and the blank. -#}
{% macro text_of_dated(expression) -%}
    substr({{ expression }}, 12)
{%- endmacro %}

{#- Comparable days by store and reporting period; reads the caller's reporting_period. -#}
{% macro store_period_compared() -%}
    select
        reporting_period.period_grain,
        reporting_period.period_start_date,
        reporting_period.period_end_date,
        compared.store_key,
        compared.store_id,
        sum(compared.net_amount) as net_amount,
        sum(compared.net_amount_ly_aligned) as net_amount_ly_aligned,
        sum(case when compared.is_comparable then 1 else 0 end) as comparable_day_count,
        sum(case when compared.is_comparable then compared.net_amount end)
            as comparable_net_amount,
        sum(case when compared.is_comparable then compared.net_amount_ly_aligned end)
            as comparable_net_amount_ly,
        -- The reason of the last date: a text of date and reason sorts by date.
        max({{ dated_text('compared.business_date', 'compared.exclusion_reason') }})
            as last_dated_reason

    from {{ ref('comparable_store_day') }} as compared
    inner join reporting_period on compared.business_date = reporting_period.date_day

    group by 1, 2, 3, 4, 5
{%- endmacro %}
