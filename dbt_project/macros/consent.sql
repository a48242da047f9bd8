{#-
    Customers who objected to profiling: a withdrawal stands on any channel. Silence and what has
    expired are no objection, so that a house without consents scores everybody. `consent` is
    dim_consent, or what it was.
-#}
{% macro profiling_objector(consent=ref('dim_consent'), column='customer_id') -%}
    select {{ column }}
    from {{ consent }}
    where
        is_current
        and consent_purpose = 'profiling'
        and consent_status = 'withdrawn'
{%- endmacro %}

{#- Households in which somebody objected: what one of them bought cannot be told from the rest. -#}
{% macro objecting_household() -%}
    select household_id
    from {{ ref('dim_customer') }}
    where customer_id in ({{ profiling_objector() }})
{%- endmacro %}
