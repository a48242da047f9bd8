-- Grain: one row per receipt.
with

source as (

    {{ counted_row('pos_transaction') }}

),

renamed as (

    select
        ---------- ids
        store_id,
        workstation_id,
        transaction_seq as transaction_number,
        business_date,
        {{ reference_id('operator_id') }} as employee_id,
        {{ reference_id('customer_ref') }} as customer_id,
        loyalty_id,

        ---------- text
        txn_type as transaction_type,
        coalesce(channel, 'store') as channel,
        currency as currency_code,
        original_txn_ref as original_transaction_ref,

        ---------- numerics
        item_count,
        total_net as total_net_amount,
        total_tax as total_tax_amount,
        total_gross as total_gross_amount,

        ---------- booleans
        coalesce(cancel_flag, false) as is_cancelled,
        coalesce(training_flag, false) as is_training,
        coalesce(offline_flag, false) as is_offline,

        ---------- timestamps
        cast(begin_ts as timestamp) as begun_at,
        cast(end_ts as timestamp) as ended_at

    from source

)

select * from renamed
