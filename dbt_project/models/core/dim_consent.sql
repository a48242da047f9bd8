-- Grain: one row per customer, purpose, channel and span in which one statement held.
-- No row is a no: whoever asks joins by customer, purpose, channel and moment, and lets
-- coalesce(is_granted, false) decide. Spans of one customer, purpose and channel never overlap.
with

final as (

    select
        customer_id,
        consent_purpose,
        consent_channel,
        consent_status,
        consent_status = 'granted' as is_granted,
        valid_from_at,
        valid_to_at,
        valid_to_at is null as is_current,
        legal_basis,
        policy_version,
        source_system,
        source_customer_ref

    from {{ ref('int_consent__dated') }}

)

select * from final
