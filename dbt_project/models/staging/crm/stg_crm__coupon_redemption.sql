-- Grain: one row per coupon, customer and day of redemption.
with

source as (

    {{ counted_row('coupon_redemption') }}

),

renamed as (

    select
        ---------- ids
        coupon_code,
        {{ reference_id(kept_reference('customer_ref')) }} as customer_id,
        {{ reference_id('campaign_id') }} as campaign_id,

        ---------- dates
        redeemed_date

    from source

)

select * from renamed
