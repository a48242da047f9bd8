{#-
    Customers who objected to profiling: a withdrawal stands on any channel. Silence and what has
    expired are no objection, so that a house without consents scores everybody.
-#}
{% macro profiling_objector() -%}
    select customer_id
    from {{ ref('dim_consent') }}
    where
        is_current
        and consent_purpose = 'profiling'
        and consent_status = 'withdrawn'
{%- endmacro %}
