-- Grain: one row per till, business date and session.
with

source as (

    {{ counted_row('register_session') }}

),

renamed as (

    select
        ---------- ids
        store_id,
        workstation_id,
        session_no as session_number,
        business_date,

        ---------- text
        coalesce(tender_type, 'cash') as tender_code,

        ---------- numerics
        expected_amount,
        counted_amount,
        float_amount,
        z_total_net as z_total_amount,
        z_txn_count as z_transaction_count,

        ---------- timestamps
        cast(open_ts as timestamp) as opened_at,
        cast(close_ts as timestamp) as closed_at

    from source

)

select * from renamed
