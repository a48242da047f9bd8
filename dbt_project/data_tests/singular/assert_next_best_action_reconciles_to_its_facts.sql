{{ config(meta={'dagster': {'ref': {'name': 'next_best_action'}}}) }}

-- A returned row says that an action has no ground in what it is about: a channel without a leave,
-- a payment reminder for another amount than waiting cost, a customer to win back who is not away,
-- or a category to offer that the household buys already.
with

leave as (

    select distinct
        customer_id,
        consent_channel

    from {{ ref('dim_consent') }}

    where is_current and is_granted and consent_purpose = 'marketing'

),

overdue as (

    select
        customer_value.customer_id,
        customer_value.overdue_cost_amount

    from {{ ref('customer_value') }} as customer_value

    where customer_value.month_end_date = (
        select max(valued.month_end_date) from {{ ref('customer_value') }} as valued
    )

),

stage as (

    select
        customer_id,
        lifecycle_stage_code

    from {{ ref('customer_lifecycle') }}

    where is_current

),

bought as (

    select distinct
        customer.customer_id,
        habit.category_name

    from {{ ref('household_habit') }} as habit
    inner join {{ ref('dim_customer') }} as customer
        on habit.household_id = customer.household_id and customer.is_current
    inner join (
        select max(business_date) as as_of_date from {{ ref('fct_basket') }}
    ) as as_of
        on habit.last_trip_date > {{ add_days('as_of.as_of_date', -365) }}

)

select
    offer.customer_id,
    offer.action_rank,
    offer.action_code

from {{ ref('next_best_action') }} as offer
left join leave
    on
        offer.customer_id = leave.customer_id
        and offer.contact_channel = leave.consent_channel
left join overdue on offer.customer_id = overdue.customer_id
left join stage on offer.customer_id = stage.customer_id
left join bought
    on
        offer.customer_id = bought.customer_id
        and offer.category_name = bought.category_name

where
    leave.customer_id is null
    or (
        offer.action_code = 'payment_reminder'
        and {{ differs('offer.action_margin_amount', 'overdue.overdue_cost_amount') }}
    )
    or (
        offer.action_code = 'win_back'
        and coalesce(stage.lifecycle_stage_code not in ('at_risk', 'lapsed'), true)
    )
    or (offer.action_code = 'cross_sell' and bought.customer_id is not null)
    or (offer.action_code = 'replenish' and bought.customer_id is null)
