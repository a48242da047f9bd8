-- Grain: one row per opportunity and moment of change.
with

source as (

    {{ counted_row('crm_opportunity') }}

),

renamed as (

    select
        ---------- ids
        opportunity_id,
        {{ filled_text('lead_id') }} as lead_id,
        {{ filled_text('campaign_id') }} as campaign_id,
        {{ filled_text('customer_ref') }} as customer_id,
        {{ filled_text('owner_employee_id') }} as employee_id,
        {{ filled_text('quote_no') }} as quote_ref,
        {{ filled_text('contract_no') }} as contract_ref,
        {{ filled_text('order_no') }} as order_ref,

        ---------- text
        to_stage as stage_name,
        lead_source,
        lost_reason,

        ---------- numerics
        amount as opportunity_amount,
        probability,

        ---------- dates
        changed_date,
        expected_close_date,

        ---------- timestamps
        cast(changed_ts as timestamp) as changed_at,

        ---------- where the row stands, to break ties
        _file_id,
        _line_number

    from source

)

select * from renamed
