{#-
    Days on which an identified customer who does not object to profiling bought for more than was
    taken back: what a purchase, an occasion and a cycle are counted by.
-#}
{% macro purchase_days() -%}
    select
        customer_id,
        business_date
    from {{ ref('fct_customer_day') }}
    where
        is_purchase_day
        and customer_key > 0
        and customer_id not in ({{ profiling_objector() }})
{%- endmacro %}
