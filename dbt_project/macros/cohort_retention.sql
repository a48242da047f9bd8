{#-
    A query of each identified customer's entry: month, store and channel of the first transaction.
    The first date is found before rows are ranked: a hash of customers is cheaper than a sort of
    all receipts.
-#}
{% macro customer_entries() -%}
    select
        customer_id,
        {{ month_start('business_date') }} as cohort_month,
        store_id as entry_store_id,
        channel as entry_channel
    from (
        select
            fct_basket.customer_id,
            fct_basket.business_date,
            fct_basket.store_id,
            fct_basket.channel,
            row_number() over (
                partition by fct_basket.customer_id
                order by fct_basket.sold_at asc nulls last, fct_basket.receipt_id asc nulls last
            ) as receipt_rank
        from {{ ref('fct_basket') }} as fct_basket
        inner join (
            select
                customer_id,
                min(business_date) as first_date
            from {{ ref('fct_basket') }}
            where customer_key > 0 and is_transaction
            group by customer_id
        ) as first_transaction
            on
                fct_basket.customer_id = first_transaction.customer_id
                and fct_basket.business_date = first_transaction.first_date
        where fct_basket.is_transaction
    ) as first_day_receipt
    where receipt_rank = 1
{%- endmacro %}

{#-
    A query of what each cohort did in each month in which it did something. Expects the CTE entry.
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
            max(case when is_transaction then 1 else 0 end) as active_count,
            sum(net_amount) as net_amount,
            sum(margin_amount) as margin_amount
        from {{ ref('fct_basket') }}
        where customer_key > 0
        group by customer_id, {{ month_start('business_date') }}
    ) as customer_month
        on entry.customer_id = customer_month.customer_id
    group by
        entry.cohort_month,
        entry.entry_store_id,
        entry.entry_channel,
        customer_month.month_start_date
{%- endmacro %}
