-- Grain: one row per lead and moment of change.
with

source as (

    {{ counted_row('crm_lead') }}

),

renamed as (

    select
        ---------- ids
        lead_id,
        {{ reference_id('campaign_id') }} as campaign_id,
        {{ reference_id('customer_ref') }} as customer_id,
        {{ reference_id('owner_employee_id') }} as employee_id,

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
