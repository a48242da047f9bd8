{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_pairs() }}"
) }}

-- Grain: one row per fiscal quarter, quarter it is held against (the one before, or that of last
-- year), store or 'all' of them, and movement of customers. Only quarters of which all receipts are
-- known. Amounts are additive over movements and over stores, and then are all net sales of either
-- quarter; customers are not additive over stores, nothing is over quarters.
with

pair as (

    {{ pairs_to_build() }}

),

customer_quarter as (

    {{ customer_store_quarters() }}

),

side as (

    {{ quarter_sides() }}

),

store_customer as (

    {{ summed_sides('side', ['store_id', 'customer_id']) }}

),

customer as (

    {{ summed_sides('store_customer', ['customer_id']) }}

),

moved as (

    select
        customer.*,
        'all' as dimension_code,
        'all' as dimension_id,
        0 as is_elsewhere,
        0 as was_elsewhere

    from customer

    union all

    -- Who left a store and still comes to another one is not lost: the customer switched.
    select
        here.fiscal_quarter_code,
        here.fiscal_quarter_start_date,
        here.basis_code,
        here.base_quarter_start_date,
        here.customer_id,
        here.net_amount,
        here.base_net_amount,
        here.is_here,
        here.was_here,
        'store' as dimension_code,
        here.store_id as dimension_id,
        customer.is_here as is_elsewhere,
        customer.was_here as was_elsewhere

    from store_customer as here
    left join customer
        on
            here.fiscal_quarter_start_date = customer.fiscal_quarter_start_date
            and here.basis_code = customer.basis_code
            and here.customer_id = customer.customer_id

),

final as (

    select
        fiscal_quarter_code,
        fiscal_quarter_start_date,
        basis_code,
        base_quarter_start_date,
        dimension_code,
        dimension_id,
        {{ movement_code() }} as movement_code,
        count(customer_id) as customer_count,
        {{ money('sum(net_amount)') }} as net_amount,
        {{ money('sum(base_net_amount)') }} as base_net_amount,
        {{ money('sum(net_amount) - sum(base_net_amount)') }} as net_change_amount

    from moved

    group by
        fiscal_quarter_code,
        fiscal_quarter_start_date,
        basis_code,
        base_quarter_start_date,
        dimension_code,
        dimension_id,
        movement_code

)

select * from final
