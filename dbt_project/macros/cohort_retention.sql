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

{#-
    A query of what each cohort did in each month in which it did something. Expects the CTE entry. What
    stands is read where no month that has ended changed, see standing_months.sql.
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
        where customer_key > 0 and {{ are_months_new() }}
        group by customer_id, {{ month_start('business_date') }}
    ) as customer_month
        on entry.customer_id = customer_month.customer_id
    group by
        entry.cohort_month,
        entry.entry_store_id,
        entry.entry_channel,
        customer_month.month_start_date
    {%- if is_incremental() %}

    union all

    select
        cohort_month,
        entry_store_id,
        entry_channel,
        {{ add_months('cohort_month', 'tenure_month') }} as month_start_date,
        active_customer_count,
        net_amount,
        margin_amount
    from {{ this }}
    where is_ripe and not {{ are_months_new() }}
    {%- endif %}
{%- endmacro %}
