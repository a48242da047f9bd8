-- Grain: one row per event of a loyalty card. Points are additive, the balance is not. The card is
-- the customer reference that tills and programme share.
with

event as (

    select
        *,
        sum(point_quantity) over (
            partition by customer_id
            order by
                event_date nulls last,
                event_at nulls first,
                loyalty_event_id nulls last
            rows between unbounded preceding and current row
        ) as point_balance_quantity

    from {{ ref('stg_crm__loyalty_event') }}

),

final as (

    select
        event.loyalty_event_id,
        event.event_date,
        event.event_at,
        customer.customer_key,
        customer.customer_id,
        event.loyalty_event_code,
        {{ quantity('event.point_quantity') }} as point_quantity,
        {{ quantity('event.point_balance_quantity') }} as point_balance_quantity,
        {{ money('event.point_quantity * ' ~ loyalty_point_value()) }} as liability_amount,
        event.tier_name,
        case when event.transaction_number is not null then {{ receipt_id('event') }} end
            as receipt_id

    from event
    left join ({{ referenced_customers() }}) as customer
        on {{ customer_on('event.customer_id', 'event.event_date') }}

)

select * from final
