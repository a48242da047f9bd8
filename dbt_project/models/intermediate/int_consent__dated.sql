-- Grain: one row per customer, purpose, channel and span between two moments of saying something.
-- Where two systems contradict each other in one moment, what denies counts.
with

link as (

    select * from {{ ref('int_customer__linked') }}

),

identified as (

    select
        coalesce(link.customer_id, {{ minted_id('consent.customer_id') }}) as customer_id,
        consent.source_system,
        consent.customer_id as source_customer_ref,
        consent.consent_purpose,
        consent.consent_channel,
        consent.consent_status,
        consent.legal_basis,
        consent.policy_version,
        consent.event_at

    from {{ ref('stg_crm__consent') }} as consent
    left join link
        on
            consent.source_system = link.source_system
            and consent.customer_id = link.source_id

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, consent_purpose, consent_channel, event_at
            order by
                case when consent_status = 'granted' then 1 else 0 end nulls last,
                source_system nulls last,
                source_customer_ref nulls last
        ) as moment_number

    from identified

),

dated as (

    select
        customer_id,
        source_system,
        source_customer_ref,
        consent_purpose,
        consent_channel,
        consent_status,
        legal_basis,
        policy_version,
        event_at as valid_from_at,
        lead(event_at) over (
            partition by customer_id, consent_purpose, consent_channel
            order by event_at nulls last
        ) as valid_to_at

    from ranked

    where moment_number = 1

)

select * from dated
