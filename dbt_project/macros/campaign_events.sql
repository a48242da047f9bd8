{#- The stages of a campaign touch, in the order they happen. -#}
{% macro campaign_events() -%}
    {{ return([
        'assigned', 'sent', 'delivered', 'opened', 'clicked', 'responded', 'unsubscribed', 'bounced'
    ]) }}
{%- endmacro %}

{#-
    The first date that is known of a campaign's work on a customer, by the order of its stages; reads
    the caller's touched and redeemed.
-#}
{% macro first_campaign_date() -%}
    coalesce(
        {%- for event in campaign_events() %}
        touched.{{ event }}_date,
        {%- endfor %}
        redeemed.first_redemption_date
    )
{%- endmacro %}
