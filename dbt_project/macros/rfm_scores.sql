{#-
    Metric M24: 1 (worst) to 5 by the share of customers who are strictly worse. Ties are equal, so a
    fifth may be empty. Recency is ranked from the longest absence to the shortest.
-#}
{% macro quintile_score(order_by, partition_by=none) -%}
    cast(least(5, 1 + floor(5 * percent_rank() over (
        {% if partition_by %}partition by {{ partition_by }} {% endif %}order by {{ order_by }}
    ))) as bigint)
{%- endmacro %}

{#- The three scores in one text, such as 545. -#}
{% macro rfm_code(relation) -%}
    concat_ws(
        '',
        cast({{ relation }}.recency_score as {{ dbt.type_string() }}),
        cast({{ relation }}.frequency_score as {{ dbt.type_string() }}),
        cast({{ relation }}.monetary_score as {{ dbt.type_string() }})
    )
{%- endmacro %}
