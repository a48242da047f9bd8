{#-
    What is made of the months of customer_month, and replaced with them, see standing_months.sql: a
    macro for the rows to find again, and one for those that stand.
-#}

{#-
    The first month to find again; where all stand a date after all others, by which DuckDB reads nothing
    where it would compare all rows with NULL. `with_gaps` is for what counts the rows of who bought
    nothing for more than a year: they come and go in months before the first touched one.
-#}
{% macro first_replaced_month(with_gaps=false) -%}
    {%- set left = 'least(replaced_from_month, changed_from_month)' -%}
    (
        select coalesce(
            min({{ left if with_gaps else 'replaced_from_month' }}),
            {{ last_valid_date() }}
        )
        from {{ source('history', 'customer_month_change') }}
    )
{%- endmacro %}

{#- The condition that a month, or a day, is one to find again, or of so many months before these. -#}
{% macro is_replaced_month(column, month_count=0, with_gaps=false) -%}
    {%- if names_changed() and target.type != 'spark' -%}
    {#- Also while dbt parses, or it would not see the dependency. -#}
    {%- set first_month = first_replaced_month(with_gaps) -%}
    {%- endif -%}
    {%- if not is_incremental() -%}
    (1 = 1)
    {%- elif month_count -%}
    {{ column }} >= {{ add_months(first_month, -month_count) }}
    {%- else -%}
    {{ column }} >= {{ first_month }}
    {%- endif -%}
{%- endmacro %}

{#- The condition that a month stands. -#}
{% macro is_standing_month(column, with_gaps=false) -%}
    {{ column }} < {{ first_replaced_month(with_gaps) }}
{%- endmacro %}

{#-
    The condition, in a test, that a month, or a day, is one that was found again tonight: what stands is
    as it was when it was tested. Spark finds all again.
-#}
{% macro is_found_again(column, with_gaps=false) -%}
    {%- if target.type == 'spark' -%}
    (1 = 1)
    {%- else -%}
    {{ column }} >= {{ first_replaced_month(with_gaps) }}
    {%- endif -%}
{%- endmacro %}

{#-
    dbt's hook for a strategy: all rows are replaced, by rows that may have been read from those that
    stood.
-#}
{% macro get_incremental_all_rows_sql(arg_dict) -%}
    delete from {{ arg_dict['target_relation'] }};
    insert into {{ arg_dict['target_relation'] }} by name
    from {{ arg_dict['temp_relation'] }}
{%- endmacro %}

{#- Customers as they are today, with the day of the first purchase. -#}
{% macro acquired_customers() -%}
    select customer.customer_id, customer.customer_key, acquisition.acquired_date
    from {{ ref('dim_customer') }} as customer
    left join {{ ref('fct_acquisition') }} as acquisition
        on customer.customer_id = acquisition.customer_id
    where customer.is_current
{%- endmacro %}

{#- The calendar months that have ended within the data. -#}
{% macro ended_months() -%}
    select
        month_start_date,
        max(date_day) as month_end_date
    from {{ ref('dim_date') }}
    group by month_start_date
    having max(date_day) <= (select max(business_date) from {{ ref('fct_customer_day') }})
{%- endmacro %}
