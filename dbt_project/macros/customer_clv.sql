{#- A score of tonight where gate 18 let it pass, otherwise that of the last build. -#}
{% macro score_of(expression, name=none) -%}
    {%- set column = name or expression.split('.')[-1] -%}
    case when tonight.is_accepted then {{ expression }} else held.{{ column }} end as {{ column }}
{%- endmacro %}

{#- Occasions, each discounted by its month, at the margin that is expected of one (M33). -#}
{% macro clv(occasions) -%}
    {{ rounded_money(occasions ~ ' * tonight.expected_margin') }}
{%- endmacro %}

{#-
    The lower or higher end of clv_12m_amount: few or many occasions, discounted as those that are
    expected. Where an occasion brings a loss, many are the lower end.
-#}
{% macro clv_bound(which) -%}
    {%- set kept = ratio('tonight.discounted_12m_occasions', 'tonight.expected_12m_occasions') -%}
    {{ which }}(
        {{ clv('tonight.low_12m_occasions * ' ~ kept) }}, {{ clv('tonight.high_12m_occasions * ' ~ kept) }}
    )
{%- endmacro %}
