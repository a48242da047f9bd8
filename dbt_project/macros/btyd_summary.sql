{#- Days on which an identified customer who does not object to profiling has a receipt. -#}
{% macro customer_days() -%}
    select
        customer_id,
        business_date,
        min(channel) as channel,
        sum(net_amount) as net_amount,
        sum(margin_amount) as margin_amount,
        sum(net_amount) > 0 as is_occasion

    from {{ ref('fct_basket') }}

    where customer_key > 0 and customer_id not in ({{ profiling_objector() }})
    group by customer_id, business_date
{%- endmacro %}

{#- What was known of a customer at the beginning of the holdout; NULL where that was nothing. -#}
{% macro past(expression) -%}
    case when summed.past_occasion_date is not null then {{ expression }} end
{%- endmacro %}
