-- Grain: one row per customer of whom something is known as of today alone: household, token of
-- the name, tier in the loyalty programme, confidence of the links, consent to marketing. A change
-- makes no version: what is known holds for all dates.
with

link as (

    select
        customer_id,
        -- a customer is as sure as the least sure of its links
        max(case confidence when 'exact' then 1 when 'strict' then 2 else 3 end) as doubt
    from {{ source('identity', 'xref_customer_identity') }}
    where unlinked_at is null
    group by customer_id

),

special_member as (

    {{ special_customer_ids() }}

),

tier_event as (

    select
        loyalty_event.*,
        coalesce(linked.customer_id, {{ minted_id('loyalty_event.customer_id') }})
            as card_customer_id

    from {{ ref('stg_crm__loyalty_event') }} as loyalty_event
    left join {{ ref('int_customer__linked') }} as linked
        on loyalty_event.customer_id = linked.source_id and linked.is_first_claim
    left join special_member on loyalty_event.customer_id = special_member.member_id

    where loyalty_event.tier_name is not null and special_member.member_id is null

),

tier as (

    select
        card_customer_id as customer_id,
        tier_name
    from (
        select
            card_customer_id,
            tier_name,
            row_number() over (
                partition by card_customer_id
                order by
                    event_date desc nulls last,
                    event_at desc nulls last,
                    loyalty_event_id desc nulls last
            ) as recency_number
        from tier_event
    ) as ranked
    where recency_number = 1

),

consent as (

    -- by any channel; what the last statement of a channel denies, an older one no longer grants
    select
        customer_id,
        max(case when consent_status = 'granted' then 1 else 0 end) = 1 as has_marketing_consent
    from {{ ref('int_consent__dated') }}
    where consent_purpose = 'marketing' and valid_to_at is null
    group by customer_id

),

customer as (

    select customer_id from {{ source('identity', 'household') }}

    union

    select customer_id from link

    union

    select customer_id from {{ ref('int_customer__named') }}

    union

    select customer_id from tier

    union

    select customer_id from consent

),

final as (

    select
        customer.customer_id,
        household.household_id,
        named.name_token,
        tier.tier_name as loyalty_tier_name,
        case link.doubt when 1 then 'exact' when 2 then 'strict' when 3 then 'loose' end
            as identity_confidence_code,
        coalesce(consent.has_marketing_consent, false) as has_marketing_consent

    from customer
    left join {{ source('identity', 'household') }} as household
        on
            customer.customer_id = household.customer_id
            and household.valid_to_date = {{ last_valid_date() }}
    left join {{ ref('int_customer__named') }} as named on customer.customer_id = named.customer_id
    left join tier on customer.customer_id = tier.customer_id
    left join link on customer.customer_id = link.customer_id
    left join consent on customer.customer_id = consent.customer_id

)

select * from final
