-- Grain: one row per known customer, date and activity that served the customer. Additive, but for
-- customers whose activity has no known cost: their amount is NULL, not zero. Metric M27.
with

activity as (

    {{ service_activities() }}

),

priced as (

    select
        activity.customer_key,
        activity.customer_id,
        activity.activity_date,
        activity.activity_name,
        coalesce(activity.own_cost_amount, channel_cost.activity_cost_amount) as cost_amount

    from activity
    left join {{ ref('int_channel_cost__dated') }} as channel_cost
        on
            activity.cost_channel = channel_cost.cost_channel
            and activity.activity_name = channel_cost.activity_name
            and activity.activity_date
            between channel_cost.valid_from_date and channel_cost.valid_to_date

    -- Only what is delivered costs a delivery.
    where activity.activity_name <> 'delivery' or channel_cost.cost_channel is not null

),

final as (

    select
        customer_key,
        customer_id,
        activity_date,
        activity_name,
        count(*) as activity_count,
        {{ money('sum(cost_amount)') }} as service_cost_amount

    from priced

    group by customer_key, customer_id, activity_date, activity_name

)

select * from final
