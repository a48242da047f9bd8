-- Grain: one row per source record, purpose, channel and moment.
with

source as (

    {{ counted_row('crm_consent') }}

),

renamed as (

    select
        ---------- ids
        source_system,
        source_customer_id as customer_id,

        ---------- text
        purpose as consent_purpose,
        channel as consent_channel,
        status as consent_status,
        legal_basis,
        policy_version,

        ---------- dates
        event_date,

        ---------- timestamps
        cast(event_ts as timestamp) as event_at

    from source

    where not {{ is_erased('source_customer_id') }}

)

select * from renamed
