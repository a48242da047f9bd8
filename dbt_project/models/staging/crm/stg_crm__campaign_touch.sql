-- Grain: one row per campaign, cell, customer, event and moment of it.
with

source as (

    {{ counted_row('campaign_touch') }}

),

renamed as (

    select
        ---------- ids
        {{ reference_id('campaign_id') }} as campaign_id,
        {{ reference_id(kept_reference('customer_ref')) }} as customer_id,
        {{ filled_text('cell_id') }} as cell_id,

        ---------- text
        event as event_code,

        ---------- dates
        event_date,

        ---------- timestamps
        cast(event_ts as timestamp) as event_at

    from source

)

select * from renamed
