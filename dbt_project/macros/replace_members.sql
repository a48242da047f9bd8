{#-
    How a dimension replaces only the members that changed.

    pipelines/warehouse/history.py compares the versions of now with those that stand, and leaves
    the members that differ, and versions, in the schema `history` of raw.duckdb. The pre-hook
    deletes these members, and those that nothing names any more; the insert adds whoever is named
    and does not stand. So a full build equals any sequence of incremental ones. Spark, whose Parquet
    tables cannot delete rows, makes the dimension whole.
-#}
{% macro replaced_by_member() -%}
    {{ return('table' if target.type == 'spark' else 'incremental') }}
{%- endmacro %}

{#-
    The versions to build from: all of them, or those that the comparison left: of changed members,
    and of a dimension that keeps versions at hand those of all. A member that is new without having
    changed, and has none among them, is one that only facts name. `versions` is the model of all.
-#}
{% macro versions_to_build(entity, versions) -%}
    {%- if names_changed() and target.type != 'spark' -%}
    {#- Also while dbt parses, or it would not see the dependency. -#}
    {%- set left = source('history', entity ~ '_version') -%}
    {%- endif -%}
    select * from {{ left if is_incremental() else versions }}
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

{#- Every member of a master's dimension: whom the master or facts name, and the special members. -#}
{% macro master_members(id_column, master, referenced) -%}
    -- union and not union all: each member once, however many sources name it
    select {{ id_column }} from {{ master }}

    union

    select {{ id_column }} from {{ referenced }}

    union

    select member_id as {{ id_column }} from ({{ special_member_ids() }}) as special_member
{%- endmacro %}

{% macro product_members() -%}
    {{ master_members('product_id', ref('stg_master__item'), ref('int_product__referenced')) }}
{%- endmacro %}

{% macro store_members() -%}
    {{ master_members('store_id', ref('stg_master__store'), ref('int_store__referenced')) }}
{%- endmacro %}
