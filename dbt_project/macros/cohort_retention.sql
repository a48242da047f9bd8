{#- Customers by their first purchase, in months that have all receipts. -#}
{% macro cohort_entries() -%}
    select
        customer_id,
        {{ month_start('acquired_date') }} as cohort_month,
        entry_store_id,
        entry_channel
    from {{ ref('fct_acquisition') }}
    where not is_rolled and {{ is_after_rolled_months(month_start('acquired_date')) }}
{%- endmacro %}

{#- The first month whose cells are found again: the one that runs, or the first touched one. -#}
{% macro first_cell_month() -%}
    (
        select least({{ first_replaced_month() }}, {{ month_start(add_days('max(business_date)', 1)) }})
        from {{ ref('fct_customer_day') }}
    )
{%- endmacro %}

{#-
    The pre-hook. A cell hangs on its cohort, on its own month and on those before, and an entry touches
    the month of its cohort; so that all earlier cells stand, see standing_months.sql.
-#}
{% macro delete_replaced_cells() -%}
    {%- if names_changed() and target.type != 'spark' -%}
    {#- Which leaves the first touched month, and so comes first. -#}
    {%- set made_before = ref('customer_month') -%}
    delete from {{ this }}
    where {{ add_months('cohort_month', 'tenure_month') }} >= {{ first_cell_month() }}
    {%- endif -%}
{%- endmacro %}

{#- The months, of those that the data hold, whose cells are found again. -#}
{% macro cohort_calendar() -%}
    select
        calendar_month.month_start_date,
        max(calendar_month.date_day) <= max(data_span.last_date) as is_ripe
    from {{ ref('dim_date') }} as calendar_month
    cross join (
        select max(business_date) as last_date from {{ ref('fct_customer_day') }}
    ) as data_span
    where
        calendar_month.month_start_date <= data_span.last_date
        {%- if is_incremental() %}
        and calendar_month.month_start_date >= {{ first_cell_month() }}
        {%- endif %}
    group by calendar_month.month_start_date
{%- endmacro %}

{#-
    What each cohort did in each month in which it did something, of months that are found again.
    Expects the CTE entry.
    A customer is active in a month with a transaction; a month of returns only is money, not activity.
-#}
{% macro cohort_activity() -%}
    select
        entry.cohort_month,
        entry.entry_store_id,
        entry.entry_channel,
        customer_month.month_start_date,
        sum(customer_month.active_count) as active_customer_count,
        sum(customer_month.net_amount) as net_amount,
        sum(customer_month.margin_amount) as margin_amount
    from entry
    inner join (
        select
            customer_id,
            {{ month_start('business_date') }} as month_start_date,
            max(case when transaction_count > 0 then 1 else 0 end) as active_count,
            sum(net_amount) as net_amount,
            sum(margin_amount) as margin_amount
        from {{ ref('fct_customer_day') }}
        where customer_key > 0 and {{ is_replaced_month('business_date') }}
        group by customer_id, {{ month_start('business_date') }}
    ) as customer_month
        on entry.customer_id = customer_month.customer_id
    group by
        entry.cohort_month,
        entry.entry_store_id,
        entry.entry_channel,
        customer_month.month_start_date
{%- endmacro %}

{#- What cohorts had brought before: the last cells that stand, with their cumulative amount. -#}
{% macro standing_cells() -%}
    {%- if is_incremental() -%}
    select
        cohort_month,
        entry_store_id,
        entry_channel,
        cohort_customer_count,
        tenure_month,
        is_ripe,
        active_customer_count,
        cumulative_net_amount as net_amount,
        margin_amount,
        true as is_standing
    from {{ this }}
    where
        {{ add_months('cohort_month', 'tenure_month') }}
        = {{ add_months(first_cell_month(), -1) }}

    union all
    {%- endif -%}
{%- endmacro %}
