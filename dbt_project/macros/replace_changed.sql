{#-
    How a fact or a mart replaces only what changed.

    ledger.changed_business_date is rewritten before each run. `grain` is a column of dim_date: the
    default date_day replaces business dates; fiscal_period_start_date or fiscal_quarter_start_date
    replaces every period that holds a changed date. A period is always rewritten whole, so that the
    same select serves a full build, and a full build equals any sequence of incremental ones.

        {{ config(
            materialized='incremental',
            incremental_strategy=replace_strategy(),
            partition_by=replace_partition('business_date'),
            on_schema_change='fail',
            pre_hook="{{ delete_changed('business_date') }}"
        ) }}
        select ... from ... where {{ is_changed('business_date') }}

    `reach` is for a period that also reads days before it: a query of from_date and to_date, which says
    up to which day a changed date is seen. Every period that such a span touches is replaced.

    A fact follows the dates whose facts changed (`facts_only=true`). A mart that groups by attributes
    of products also follows dates on which only such an attribute changed: `facts_only=false`.
-#}
{% macro changed_periods(grain='date_day', facts_only=true, reach=none) -%}
    {%- set changed = source('ledger', 'changed_business_date') -%}
    {%- if reach -%}
    select dim_date.{{ grain }}
    from {{ ref('dim_date') }} as dim_date
    inner join ({{ reach }}) as reach
        on dim_date.date_day between reach.from_date and reach.to_date
    {%- elif grain == 'date_day' -%}
    select business_date from {{ changed }}{% if facts_only %} where is_fact_changed{% endif %}
    {%- else -%}
    select dim_date.{{ grain }}
    from {{ ref('dim_date') }} as dim_date
    inner join {{ changed }} as changed on dim_date.date_day = changed.business_date
    {%- if facts_only %} where changed.is_fact_changed{% endif %}
    {%- endif -%}
{%- endmacro %}

{#-
    Whether to name the changed dates: in an incremental run, and always while dbt parses, or it would
    not see the dependency. A unit test of a full build need not give the ledger's table.
-#}
{% macro names_changed() -%}
    {{ return(is_incremental() or not execute) }}
{%- endmacro %}

{#- The condition that keeps the rows to build: all of them, or those of changed periods. -#}
{% macro is_changed(column, grain='date_day', facts_only=true, reach=none) -%}
    {%- if names_changed() -%}
    {%- set periods = changed_periods(grain, facts_only, reach) %}
    {{ column }} in ({{ asked_once(periods) if reach else periods }})
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#-
    Dates that are dear to find. Spark would find them anew for each reference to what they choose, so it
    is given them.
-#}
{% macro asked_once(periods) -%}
    {{- adapter.dispatch('asked_once', 'tillhouse')(periods) -}}
{%- endmacro %}

{% macro duckdb__asked_once(periods) -%}
    {{ periods }}
{%- endmacro %}

{% macro spark__asked_once(periods) -%}
    {%- set found = run_query(periods).columns[0].values() | unique | reject('none') | list if execute else [] -%}
    {%- for value in found -%}
    date '{{ value }}'{{ ', ' if not loop.last }}
    {%- else -%}
    {{ periods }}
    {%- endfor -%}
{%- endmacro %}

{#-
    The condition that keeps spans which may touch a changed date. Coarser than is_changed, and cheap:
    two dates that zone maps can use.
-#}
{% macro is_near_changed(from_column, to_column) -%}
    {%- if names_changed() -%}
    {%- set changed = source('ledger', 'changed_business_date') -%}
    {{ from_column }} <= (select max(business_date) from {{ changed }} where is_fact_changed)
    and {{ to_column }} >= (select min(business_date) from {{ changed }} where is_fact_changed)
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#-
    The pre-hook. It runs in the transaction of the insert, so readers never see the gap. A date that
    lost all its rows is emptied too, which dbt's own delete+insert would leave standing.
-#}
{% macro delete_changed(column, grain='date_day', facts_only=true, reach=none) -%}
    {%- if names_changed() -%}
    {{ adapter.dispatch('delete_changed', 'tillhouse')(
        column, changed_periods(grain, facts_only, reach)
    ) }}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__delete_changed(column, periods) -%}
    delete from {{ this }} where {{ column }} in ({{ periods }})
{%- endmacro %}

{#- Parquet tables on Spark cannot delete rows: drop the partitions, which are whole periods. -#}
{% macro spark__delete_changed(column, periods) -%}
    {%- if execute -%}
    {%- set values = run_query('select distinct * from (' ~ periods ~ ')').columns[0].values() -%}
    {%- if values | length > 0 -%}
    alter table {{ this }} drop if exists
    {%- for value in values %}
    partition ({{ column }} = date '{{ value }}'){{ ',' if not loop.last }}
    {%- endfor -%}
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- DuckDB appends after the pre-hook's delete; Spark overwrites the partitions it writes. -#}
{% macro replace_strategy(on_duckdb='append') -%}
    {{ return('insert_overwrite' if target.type == 'spark' else on_duckdb) }}
{%- endmacro %}

{#- Only Spark partitions: DuckDB finds a date by the zone maps of rows kept in date order. -#}
{% macro replace_partition(column) -%}
    {{ return([column] if target.type == 'spark' else none) }}
{%- endmacro %}
