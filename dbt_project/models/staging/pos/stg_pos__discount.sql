-- Grain: one row per receipt, line and modifier; line 0 is the whole receipt.
with

source as (

    {{ counted_row('pos_discount') }}

),

renamed as (

    select
        ---------- ids
        store_id,
        workstation_id,
        transaction_seq as transaction_number,
        business_date,
        line_seq as line_number,
        mod_seq as modifier_number,
        promotion_id,
        coupon_code,

        ---------- text
        scope as modifier_scope,
        method as modifier_method,
        reason as modifier_reason,

        ---------- numerics
        amount as modifier_amount

    from source

)

select * from renamed
