-- Grain: one row per contact.
with

source as (

    {{ counted_row('contact_log') }}

),

renamed as (

    select
        ---------- ids
        contact_id,
        {{ reference_id('customer_ref') }} as customer_id,
        {{ reference_id('agent_id') }} as employee_id,
        {{ filled_text('case_id') }} as case_id,

        ---------- text
        channel as contact_channel,
        queue as queue_name,
        {{ filled_text('reason') }} as contact_reason,

        ---------- numerics
        queued_s as queued_seconds,
        talk_s as talk_seconds,
        hold_s as hold_seconds,
        wrap_s as wrap_seconds,

        ---------- booleans
        coalesce(ivr_entered, false) as is_ivr_entered,
        coalesce(ivr_resolved, false) as is_ivr_resolved,
        coalesce(abandoned, false) as is_abandoned,
        coalesce(blocked, false) as is_blocked,
        coalesce(qa_scored, false) as is_quality_scored,
        qa_correct as is_quality_correct,

        ---------- dates
        contact_date,

        ---------- timestamps
        cast(start_ts as timestamp) as started_at,
        cast(answered_ts as timestamp) as answered_at

    from source

)

select * from renamed
