{#- Days on which an identified customer who does not object to profiling has a receipt. -#}
{% macro customer_days() -%}
    select
        customer_id,
        business_date,
        day_channel as channel,
        net_amount,
        margin_amount,
        is_purchase_day as is_occasion
    from {{ ref('fct_customer_day') }}
    where customer_key > 0 and customer_id not in ({{ profiling_objector() }})
{%- endmacro %}

{#- What was known of a customer at the beginning of the holdout; NULL where that was nothing. -#}
{% macro past(expression) -%}
    case when summed.past_occasion_date is not null then {{ expression }} end
{%- endmacro %}
