-- Grain: one row per opportunity, and per lead that no opportunity grew from, accumulating. Amounts
-- are additive over rows; days are not to be summed. What a change leaves blank keeps its value,
-- and what an opportunity does not say its lead does.
with

opportunity as (

    select * from {{ ref('stg_crm__opportunity') }}

),

grown as (

    select
        opportunity_id,
        {{ last_filled('lead_id', 'changed_at') }} as lead_id

    from opportunity

    group by opportunity_id

),

change as (

    {{ pipeline_changes('opportunity', 'grown') }}

),

gathered as (

    select
        change.pipeline_id,
        {%- for column in pipeline_attributes() %}
        {{ last_filled('change.' ~ column, 'change.ranked_at') }} as {{ column }},
        {%- endfor %}
        {{ last_filled("coalesce(milestone.stage_code, 'other')", 'change.ranked_at') }}
            as pipeline_stage_code,
        {%- for code, column in pipeline_stages().items() %}
        min(case when milestone.stage_code = '{{ code }}' then change.changed_date end)
            as {{ column }},
        {%- endfor %}
        min(change.changed_date) as first_date

    from change
    left join {{ ref('pipeline_stage') }} as milestone
        on lower(change.stage_name) = milestone.stage_name

    group by change.pipeline_id

),

final as (

    select
        gathered.pipeline_id,
        gathered.opportunity_id,
        gathered.lead_id,
        customer.customer_key,
        customer.customer_id,
        employee.employee_key,
        employee.employee_id,
        campaign.campaign_key,
        campaign.campaign_id,
        gathered.lead_source,
        gathered.pipeline_stage_code,
        gathered.stage_name,
        {{ money('gathered.opportunity_amount') }} as opportunity_amount,
        gathered.probability,
        gathered.expected_close_date,
        gathered.first_date as lead_date,
        gathered.qualified_date,
        gathered.proposed_date,
        gathered.contract_date,
        gathered.order_date,
        gathered.goods_delivered_date,
        gathered.paid_date,
        gathered.lost_date,
        {{ days_between('gathered.first_date', 'gathered.order_date') }} as lead_to_order_days,
        {{ days_between('gathered.first_date', 'gathered.paid_date') }} as lead_to_cash_days,
        gathered.lost_reason,
        gathered.quote_ref,
        gathered.contract_ref,
        gathered.order_ref

    from gathered
    left join ({{ referenced_customers() }}) as customer
        on {{ customer_on(reference_id('gathered.customer_id'), 'gathered.first_date') }}
    left join {{ ref('dim_employee') }} as employee
        on coalesce(gathered.employee_id, {{ unknown_id() }}) = employee.employee_id
    left join {{ ref('dim_campaign') }} as campaign
        on coalesce(gathered.campaign_id, {{ unknown_id() }}) = campaign.campaign_id

)

select * from final
