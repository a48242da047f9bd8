{#-
    A query of each identified customer's entry: month, store and channel of the first transaction.
    The first date is found before rows are ranked: a hash of customers is cheaper than a sort of
    all receipts.
-#}
{% macro customer_entries() -%}
    select
        customer_key,
        {{ month_start('business_date') }} as cohort_month,
        store_id as entry_store_id,
        channel as entry_channel
    from (
        select
            fct_basket.customer_key,
            fct_basket.business_date,
            fct_basket.store_id,
            fct_basket.channel,
            row_number() over (
                partition by fct_basket.customer_key
                order by fct_basket.sold_at asc nulls last, fct_basket.receipt_id asc nulls last
            ) as receipt_rank
        from {{ ref('fct_basket') }} as fct_basket
        inner join (
            select
                customer_key,
                min(business_date) as first_date
            from {{ ref('fct_basket') }}
            where customer_key > 0 and is_transaction
            group by customer_key
        ) as first_transaction
            on
                fct_basket.customer_key = first_transaction.customer_key
                and fct_basket.business_date = first_transaction.first_date
        where fct_basket.is_transaction
    ) as first_day_receipt
    where receipt_rank = 1
{%- endmacro %}
