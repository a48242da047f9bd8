-- Grain: one row per campaign, customer and cell, accumulating: each date is the first of its kind.
-- attributed_net_amount is not additive over campaigns: one receipt may answer two of them. The
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

    -- Receipts of nobody known must not answer for a redemption of nobody known.
    select
        redemption_day.campaign_id,
        redemption_day.customer_id,
        case when count(rolled.business_date) = 0 then coalesce(sum(basket.net_amount), 0) end
            as attributed_net_amount

    from redemption_day
    left join {{ ref('fct_basket') }} as basket
        on
            redemption_day.customer_id = basket.customer_id
            and redemption_day.redeemed_date = basket.business_date
            and basket.customer_key > 0
    left join (select distinct business_date from {{ ref('int_sales_day__rolled') }}) as rolled
        on redemption_day.redeemed_date = rolled.business_date

    group by redemption_day.campaign_id, redemption_day.customer_id

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
        {{ money('case when redeemed.campaign_id is null then 0 else attributed_net_amount end') }}
            as attributed_net_amount

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
