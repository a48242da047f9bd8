{#- Parts of credit_grade: points that measures cost by the seed credit_point. -#}

{%- macro credit_measures() -%}
    {{ return(['overdue_rate', 'max_overdue_days', 'limit_use_rate', 'returned_payment_count']) }}
{%- endmacro %}

{#-
    One row per customer and measure that costs points, with the most it costs and why. Expects the
    CTE measured.
-#}
{% macro credit_costs() -%}
    select
        value.customer_id,
        value.measure_code,
        max(point.point_count) as point_count,
        max_by(point.reason_name, point.over_value) as reason_name
    from (
        {%- for measure in credit_measures() %}
        select
            customer_id,
            '{{ measure }}' as measure_code,
            cast({{ measure }} as double) as measured_value
        from measured
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as value
    inner join {{ ref('credit_point') }} as point
        on
            value.measure_code = point.measure_code
            and value.measured_value > cast(point.over_value as double)
    group by value.customer_id, value.measure_code
{%- endmacro %}

{#- Points of one measure: NULL where the measure is, 0 where it costs nothing. -#}
{% macro credit_points(measure) -%}
    case
        when measured.{{ measure }} is not null then coalesce(pointed.{{ measure }}_point_count, 0)
    end
{%- endmacro %}

{#- Points and reason of each measure in one row per customer. Expects the CTE cost. -#}
{% macro credit_pointed() -%}
    select
        customer_id,
        {%- for measure in credit_measures() %}
        max(case when measure_code = '{{ measure }}' then point_count end)
            as {{ measure }}_point_count,
        {%- endfor %}
        concat_ws(
            '; ',
            {%- for measure in credit_measures() %}
            max(case when measure_code = '{{ measure }}' then reason_name end)
            {{- ',' if not loop.last }}
            {%- endfor %}
        ) as grade_reasons,
        sum(point_count) as cost_point_count
    from cost
    group by customer_id
{%- endmacro %}

{#-
    What each customer bought on account in the 90 days to the as-of date, tax included as in what is
    open (M26). Tills tell it: receivables name open items alone. Expects the CTE as_of.
-#}
{% macro credit_sales() -%}
    select
        basket.customer_id,
        sum(payment.paid_amount) as credit_sales_amount
    from {{ ref('fct_payments') }} as payment
    inner join as_of
        on
            payment.business_date > {{ add_days('as_of.as_of_date', -90) }}
            and payment.business_date <= as_of.as_of_date
    inner join {{ ref('fct_basket') }} as basket on payment.receipt_id = basket.receipt_id
    where payment.tender_code = 'on_account' and basket.customer_key > 0
    group by basket.customer_id
{%- endmacro %}
