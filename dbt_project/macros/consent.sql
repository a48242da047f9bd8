{#-
    Customers who objected to profiling: a withdrawal stands on any channel. Silence and what has
    expired are no objection, so that a house without consents scores everybody. `consent` is
    dim_consent, or what it was.
-#}
{% macro profiling_objector(consent=ref('dim_consent')) -%}
    select customer_id
    from {{ consent }}
    where
        is_current
        and consent_purpose = 'profiling'
        and consent_status = 'withdrawn'
{%- endmacro %}
