{#- Parts of dim_date. They take numbers and dates, not engines: plain SQL over portable.sql. -#}

{#- First day of the 4-5-4 year: the first Sunday on or after 29 January. -#}
{% macro retail_year_start(year) -%}
    {%- set day_29 = 'make_date(cast(' ~ year ~ ' as int), 1, 29)' -%}
    {{ add_days(day_29, '7 - ' ~ iso_day_of_week(day_29)) }}
{%- endmacro %}

{#- One of two values, by whether the retail year of the day's calendar year has begun. -#}
{% macro this_or_last_retail_year(this_year, last_year) -%}
    case when date_day >= this_year_start_date then {{ this_year }} else {{ last_year }} end
{%- endmacro %}

{#- Quarters have 13 weeks; a 53rd week belongs to the fourth. -#}
{% macro fiscal_quarter() -%}
    case
        when fiscal_week > 39 then 4
        when fiscal_week > 26 then 3
        when fiscal_week > 13 then 2
        else 1
    end
{%- endmacro %}

{#- Months of 4, 5 and 4 weeks within the quarter; the last one takes the 53rd week. -#}
{% macro period_of_quarter() -%}
    case
        when fiscal_week - 13 * (fiscal_quarter - 1) > 9 then 3
        when fiscal_week - 13 * (fiscal_quarter - 1) > 4 then 2
        else 1
    end
{%- endmacro %}

{#- The date a number of whole weeks after the start of the retail year. -#}
{% macro fiscal_start(week_offset) -%}
    {{ add_days('fiscal_year_start_date', '7 * (' ~ week_offset ~ ')') }}
{%- endmacro %}

{#- The first day of the period of 4, 5 or 4 weeks. -#}
{% macro fiscal_period_start() -%}
    {{ fiscal_start(
        '13 * (fiscal_quarter - 1)'
        ~ ' + case period_of_quarter when 3 then 9 when 2 then 4 else 0 end'
    ) }}
{%- endmacro %}

{#- FY2017-P03, FY2017-Q1, FY2017-W09. -#}
{% macro fiscal_code(letter, number, digit_count) -%}
    concat(
        'FY', cast(fiscal_year as {{ dbt.type_string() }}), '-{{ letter }}',
        lpad(cast({{ number }} as {{ dbt.type_string() }}), {{ digit_count }}, '0')
    )
{%- endmacro %}

{#- English weekday names: format functions would follow the engine's locale. -#}
{% macro day_name(day_of_week_number) -%}
    case {{ day_of_week_number }}
        {%- for name in [
            'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'
        ] %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}
