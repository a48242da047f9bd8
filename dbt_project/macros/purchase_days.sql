{#-
    Days on which an identified customer who does not object to profiling bought for more than was
    taken back: what a purchase, an occasion and a cycle are counted by.
-#}
{% macro purchase_days() -%}
    select
        customer_id,
        business_date
    from {{ ref('fct_basket') }}
    where customer_key > 0 and customer_id not in ({{ profiling_objector() }})
    group by customer_id, business_date
    having sum(net_amount) > 0
{%- endmacro %}
