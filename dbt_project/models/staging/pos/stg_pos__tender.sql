-- Grain: one row per receipt and tender.
with

source as (

    {{ counted_row('pos_tender') }}

),

renamed as (

    select
        ---------- ids
        store_id,
        workstation_id,
        transaction_seq as transaction_number,
        business_date,
        tender_seq as tender_number,

        ---------- text
        tender_type as tender_code,
        currency as currency_code,
        card_brand as card_brand_name,

        ---------- numerics
        amount as tendered_amount,
        coalesce(change_amount, 0) as change_amount,
        fx_rate as exchange_factor,

        ---------- booleans
        coalesce(is_refund, false) as is_refund

    from source

)

select * from renamed
