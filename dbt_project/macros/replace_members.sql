{#-
    How a dimension of many members replaces only those that changed.

    pipelines/warehouse/history.py compares the versions of now with those that stand, and leaves
    the members that differ, with their versions, in the schema `history` of raw.duckdb. The pre-hook
    deletes these members, and those that nothing names any more; the insert adds whoever is named
    and does not stand. So a full build equals any sequence of incremental ones. Spark, whose Parquet
    tables cannot delete rows, makes the dimension whole.
-#}
{% macro replaced_by_member() -%}
    {{ return('table' if target.type == 'spark' else 'incremental') }}
{%- endmacro %}

{#-
    The versions to build: all of them, or those of changed members. A member that is new without
    having changed is one that only facts name, and has none.
-#}
{% macro versions_to_build(entity) -%}
    {%- set versions = ref('int_' ~ entity ~ '__versioned') -%}
    {%- if names_changed() and target.type != 'spark' -%}
    {#- Also while dbt parses, or it would not see the dependency. -#}
    {%- set changed = source('history', 'changed_' ~ entity ~ '_version') -%}
    {%- endif -%}
    select * from {{ changed if is_incremental() else versions }}
{%- endmacro %}

{#- The condition that a member does not stand in the dimension as the pre-hook left it. -#}
{% macro is_not_standing(id_column) -%}
    {%- if is_incremental() -%}
    {{ id_column }} not in (select {{ id_column }} from {{ this }})
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#- The pre-hook. `members` is a query of all members, with the id in a column of its name. -#}
{% macro delete_changed_members(entity, members) -%}
    {%- if names_changed() and target.type != 'spark' -%}
    {%- set id_column = entity ~ '_id' -%}
    delete from {{ this }}
    where
        {{ id_column }} in (select {{ id_column }} from {{ source('history', 'changed_' ~ entity) }})
        or {{ id_column }} not in (select {{ id_column }} from ({{ members }}) as member)
    {%- endif -%}
{%- endmacro %}
