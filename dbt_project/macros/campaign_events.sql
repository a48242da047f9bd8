{#- The stages of a campaign touch, in the order they happen. -#}
{% macro campaign_events() -%}
    {{ return([
        'assigned', 'sent', 'delivered', 'opened', 'clicked', 'responded', 'unsubscribed', 'bounced'
    ]) }}
{%- endmacro %}
