{#-
    customer_clv as the last build left it, or no row of it. No ref: it is made of what reads this. A
    file of its own, because a unit test replaces no macro within the file that calls it.
-#}
{% macro standing_scores() -%}
    {%- set columns = [
        'customer_id', 'scored_date', 'model_version', 'alive_rate', 'expected_3m_occasions',
        'expected_12m_occasions', 'low_12m_occasions', 'high_12m_occasions',
        'margin_weight_rate', 'expected_margin_amount', 'clv_12m_amount', 'low_clv_12m_amount',
        'high_clv_12m_amount', 'clv_36m_amount'
    ] -%}
    {%- set standing = ref('btyd_summary').incorporate(path={'identifier': 'customer_clv'}) -%}
    {%- if execute and adapter.get_relation(
        database=standing.database, schema=standing.schema, identifier=standing.identifier
    ) -%}
    select {{ columns | join(', ') }} from {{ standing }} where scored_date is not null
    {%- else -%}
    select
        customer_id,
        as_of_date as scored_date,
        segment_code as model_version,
        {%- for column in columns[3:] %}
        cast(null as {{ 'decimal(18, 4)' if column.endswith('_amount') else 'double' }}) as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('btyd_summary') }}
    where 1 = 0
    {%- endif -%}
{%- endmacro %}
