{#-
    What a run leaves in raw.duckdb, in the schema history, for later models, the gate or the next run.
    A fact that also replaces dates which did not change finds them before it deletes any row, and leaves
    them there: hook, model and gate then mean the same dates, and they are found once. Spark has no such
    tables and finds all of it each time.
-#}

{#- Called with the query of the table, in a hook outside of the transaction that writes to the warehouse. -#}
{% macro leave_table(name) -%}
    create schema if not exists raw.history;
    create or replace table {{ source('history', name) }} as
    {{ caller() }}
{%- endmacro %}

{#- The pre-hook of such a fact; `dates` is how to find them. -#}
{% macro leave_dates(name, dates) -%}
    {%- if target.type != 'spark' -%}
    {%- call leave_table(name) -%}
    {%- if names_changed() -%}
    select distinct business_date from ({{ dates }}) as replaced
    {%- else -%}
    select cast(null as date) as business_date where 1 = 0
    {%- endif -%}
    {%- endcall -%}
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
