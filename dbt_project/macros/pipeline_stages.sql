{#- The milestones of an opportunity in their order, with the column that dates each. -#}
{% macro pipeline_stages() -%}
    {{ return({
        'lead': 'lead_date', 'qualified': 'qualified_date', 'proposed': 'proposed_date',
        'contract': 'contract_date', 'order': 'order_date', 'delivered': 'goods_delivered_date',
        'paid': 'paid_date', 'lost': 'lost_date'
    }) }}
{%- endmacro %}

{#- What the latest change that says it decides. -#}
{% macro pipeline_attributes() -%}
    {{ return([
        'opportunity_id', 'lead_id', 'customer_id', 'employee_id', 'campaign_id', 'lead_source',
        'stage_name', 'opportunity_amount', 'probability', 'expected_close_date', 'lost_reason',
        'quote_ref', 'contract_ref', 'order_ref'
    ]) }}
{%- endmacro %}

{#-
    All changes of opportunities, with those of the leads they grew from, and of leads without one.
    ranked_at puts the changes of a lead behind all those of its opportunity: the opportunity knows
    better, whichever was written last.
-#}
{% macro pipeline_changes(opportunity, grown) -%}
    select
        concat_ws('-', 'opportunity', changed.opportunity_id) as pipeline_id,
        {%- for column in pipeline_attributes() %}
        {{ 'grown' if column == 'lead_id' else 'changed' }}.{{ column }},
        {%- endfor %}
        changed.changed_date,
        concat_ws(' ', '1', cast(changed.changed_at as {{ dbt.type_string() }})) as ranked_at
    from {{ opportunity }} as changed
    inner join {{ grown }} as grown on changed.opportunity_id = grown.opportunity_id

    union all

    select
        case
            when grown.opportunity_id is null then concat_ws('-', 'lead', lead_change.lead_id)
            else concat_ws('-', 'opportunity', grown.opportunity_id)
        end as pipeline_id,
        {%- for column in pipeline_attributes() %}
        {%- if column == 'opportunity_id' %}
        grown.opportunity_id,
        {%- elif column in ('customer_id', 'employee_id', 'campaign_id') %}
        nullif(lead_change.{{ column }}, {{ unknown_id() }}) as {{ column }},
        {%- elif column in ('quote_ref', 'contract_ref', 'order_ref') %}
        cast(null as {{ dbt.type_string() }}) as {{ column }},
        {%- else %}
        lead_change.{{ column }},
        {%- endif %}
        {%- endfor %}
        lead_change.changed_date,
        concat_ws(' ', '0', cast(lead_change.changed_at as {{ dbt.type_string() }})) as ranked_at
    from {{ ref('stg_crm__lead') }} as lead_change
    left join {{ grown }} as grown on lead_change.lead_id = grown.lead_id
{%- endmacro %}
