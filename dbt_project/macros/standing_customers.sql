{#-
    How customer_cycle and btyd_summary go on from the rows that stand. A night counts the days of
    customers of whom a date changed, then or now, and of those who have no row: all others stand with
    what their days told. All rows are written anew, since what is lent and how long ago it was is
    another one each night. Spark makes the marts whole.
-#}

{#- Customers of the dates that changed, as they were and as they are. -#}
{% macro changed_day_customers() -%}
    select customer_id from {{ source('history', 'standing_day_customer') }}

    union all

    select customer_id from {{ ref('fct_customer_day') }}
    where {{ is_changed('business_date') }}
{%- endmacro %}

{#- Identified customers who do not object to profiling. -#}
{% macro profiled_customers() -%}
    select customer_id
    from {{ ref('dim_customer') }}
    where is_current and customer_key > 0 and customer_id not in ({{ profiling_objector() }})
{%- endmacro %}

{#-
    The CTE standing: rows of customers whose days are not counted again. A full build has none.
    `touched` is a query of further customers whose days are.
-#}
{% macro standing_customers(touched=none) -%}
    {%- if names_changed() and target.type != 'spark' -%}
    {%- set changed = changed_day_customers() -%}
    {%- endif -%}
    {%- if is_incremental() -%}
    standing as (

        select * from {{ this }}
        where
            customer_id in ({{ profiled_customers() }})
            and customer_id not in ({{ changed }})
            {%- if touched %}
            and customer_id not in ({{ touched }})
            {%- endif %}

    ),
    {%- endif -%}
{%- endmacro %}

{#- The condition that a customer's days are counted. Expects the CTE standing. -#}
{% macro is_counted_again() -%}
    {%- if is_incremental() -%}
    customer_id in (
        select profiled.customer_id
        from ({{ profiled_customers() }}) as profiled
        where profiled.customer_id not in (select standing.customer_id from standing)
    )
    {%- else -%}
    (1 = 1)
    {%- endif -%}
{%- endmacro %}

{#- What the days of standing customers told customer_cycle. -#}
{% macro standing_rhythms() -%}
    {%- if is_incremental() %}

    union all

    select
        customer_id,
        first_purchase_date,
        last_purchase_date,
        purchase_day_count,
        case when cycle_source_code = 'own' then cycle_days end as own_cycle_days
    from standing
    {%- endif -%}
{%- endmacro %}
