-- Grain: one row per fiscal quarter, quarter it is held against (the one before, or that of last
-- year) and movement of customers. Only quarters of which all receipts are known. Amounts are
-- additive over movements, and then are all net sales of either quarter; nothing is over quarters.
with

pair as (

    {{ quarter_pairs() }}

),

customer_quarter as (

    {{ customer_quarters() }}

),

side as (

    select
        pair.fiscal_quarter_code,
        pair.fiscal_quarter_start_date,
        pair.basis_code,
        pair.base_quarter_start_date,
        customer_quarter.customer_id,
        customer_quarter.net_amount,
        0 as base_net_amount,
        1 as is_here,
        0 as was_here

    from pair
    inner join customer_quarter
        on pair.fiscal_quarter_start_date = customer_quarter.fiscal_quarter_start_date

    union all

    select
        pair.fiscal_quarter_code,
        pair.fiscal_quarter_start_date,
        pair.basis_code,
        pair.base_quarter_start_date,
        customer_quarter.customer_id,
        0 as net_amount,
        customer_quarter.net_amount as base_net_amount,
        0 as is_here,
        1 as was_here

    from pair
    inner join customer_quarter
        on pair.base_quarter_start_date = customer_quarter.fiscal_quarter_start_date

),

compared as (

    select
        fiscal_quarter_code,
        fiscal_quarter_start_date,
        basis_code,
        base_quarter_start_date,
        customer_id,
        sum(net_amount) as net_amount,
        sum(base_net_amount) as base_net_amount,
        case
            when customer_id is null then 'unidentified'
            when max(was_here) = 0 then 'new'
            when max(is_here) = 0 then 'lost'
            when sum(net_amount) > sum(base_net_amount) then 'up'
            when sum(net_amount) < sum(base_net_amount) then 'down'
            else 'same'
        end as movement_code

    from side

    group by
        fiscal_quarter_code,
        fiscal_quarter_start_date,
        basis_code,
        base_quarter_start_date,
        customer_id

),

final as (

    select
        fiscal_quarter_code,
        fiscal_quarter_start_date,
        basis_code,
        base_quarter_start_date,
        movement_code,
        count(customer_id) as customer_count,
        {{ money('sum(net_amount)') }} as net_amount,
        {{ money('sum(base_net_amount)') }} as base_net_amount,
        {{ money('sum(net_amount) - sum(base_net_amount)') }} as net_change_amount

    from compared

    group by
        fiscal_quarter_code,
        fiscal_quarter_start_date,
        basis_code,
        base_quarter_start_date,
        movement_code

)

select * from final
