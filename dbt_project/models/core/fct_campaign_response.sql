-- Grain: one row per campaign, customer and cell, accumulating: each date is the first of its kind.
-- Attributed amounts are not additive over campaigns: one receipt may answer two of them. The
-- customer's version is that of the first stage that is known. A redemption names no cell: it
-- counts once, in the customer's first one.
with

touched as (

    select * from {{ ref('int_campaign_touch__staged') }}

),

redemption as (

    select
        told.campaign_id,
        told.redeemed_date,
        known_customer.customer_id

    from {{ ref('stg_crm__coupon_redemption') }} as told
    left join {{ ref('int_customer__identified') }} as known_customer
        on told.customer_id = known_customer.customer_ref

),

redeemed as (

    select
        campaign_id,
        customer_id,
        count(*) as redemption_count,
        min(redeemed_date) as first_redemption_date
    from redemption
    group by campaign_id, customer_id

),

redemption_day as (

    select distinct campaign_id, customer_id, redeemed_date from redemption

),

attributed as (

    {{ attributed_sales('redemption_day') }}

),

response as (

    select campaign_id, customer_id from touched
    union
    select campaign_id, customer_id from redeemed

),

final as (

    select
        campaign.campaign_key,
        campaign.campaign_id,
        touched.cell_id,
        customer.customer_key,
        customer.customer_id,
        touched.assigned_date,
        touched.sent_date,
        touched.delivered_date,
        touched.opened_date,
        touched.clicked_date,
        least(
            coalesce(touched.responded_date, redeemed.first_redemption_date),
            coalesce(redeemed.first_redemption_date, touched.responded_date)
        ) as responded_date,
        touched.unsubscribed_date,
        touched.bounced_date,
        cast(coalesce(redeemed.redemption_count, 0) as bigint) as redemption_count,
        redeemed.first_redemption_date,
        {{ answered_or_zero('attributed_net_amount') }} as attributed_net_amount,
        {{ answered_or_zero('attributed_margin_amount') }} as attributed_margin_amount

    from response
    left join {{ ref('dim_campaign') }} as campaign
        on response.campaign_id = campaign.campaign_id
    left join touched
        on
            response.campaign_id = touched.campaign_id
            and response.customer_id = touched.customer_id
    left join redeemed
        on
            response.campaign_id = redeemed.campaign_id
            and response.customer_id = redeemed.customer_id
            and coalesce(touched.cell_sequence, 1) = 1
    left join attributed
        on
            response.campaign_id = attributed.campaign_id
            and response.customer_id = attributed.customer_id
            and coalesce(touched.cell_sequence, 1) = 1
    left join {{ ref('dim_customer') }} as customer
        on {{ version_on('customer', 'response.customer_id', first_campaign_date()) }}

)

select * from final
