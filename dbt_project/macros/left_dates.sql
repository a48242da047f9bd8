{#-
    A fact that also replaces dates which did not change finds them before it deletes any row, and leaves
    them in raw.duckdb: hook, model and gate then mean the same dates, and they are found once. Spark has
    no such table and finds them each time.
-#}

{#- The pre-hook, outside of the transaction that deletes: that one writes to the warehouse. -#}
{% macro leave_dates(name, dates) -%}
    {%- if target.type != 'spark' -%}
    create schema if not exists raw.history;
    create or replace table {{ source('history', name) }} as
    {%- if names_changed() %}
    select distinct business_date from ({{ dates }}) as replaced
    {%- else %}
    select cast(null as date) as business_date where 1 = 0
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The dates that were left; `dates` is how to find them. -#}
{% macro left_dates(name, dates) -%}
    {%- if target.type == 'spark' -%}
    {{ dates }}
    {%- else -%}
    select business_date from {{ source('history', name) }}
    {%- endif -%}
{%- endmacro %}
