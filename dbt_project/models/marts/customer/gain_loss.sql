{{ config(
    materialized=replaced_by_member(),
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_pairs(by_category=true) }}"
) }}

-- Grain: one row per fiscal quarter, quarter it is held against (the one before, or that of last
-- year), store, category of goods or 'all' of them, and movement: of customers, by category of
-- households. Only quarters of which all receipts are known. Amounts are additive over movements,
-- and over stores or over categories, to all net sales of either quarter; customers and households
-- are not; nothing is over quarters.
with

pair as (

    {{ pairs_to_build() }}

),

{{ mover_quarters() }},

part as (

    {{ moved_parts() }}

),

whole as (

    {{ moved_wholes() }}

),

moved as (

    select
        fiscal_quarter_start_date,
        base_quarter_start_date,
        'all' as dimension_code,
        'all' as dimension_id,
        mover_id,
        net_amount,
        base_net_amount,
        is_here,
        was_here,
        0 as is_elsewhere,
        0 as was_elsewhere

    from whole

    where dimension_code = 'store'

    union all

    -- Who left a store and still comes to another one is not lost: the customer switched.
    select
        part.*,
        whole.is_here as is_elsewhere,
        whole.was_here as was_elsewhere

    from part
    left join whole
        on
            part.fiscal_quarter_start_date = whole.fiscal_quarter_start_date
            and part.base_quarter_start_date = whole.base_quarter_start_date
            and part.dimension_code = whole.dimension_code
            and part.mover_id = whole.mover_id

),

movement as (

    select
        fiscal_quarter_start_date,
        base_quarter_start_date,
        dimension_code,
        dimension_id,
        {{ movement_code() }} as movement_code,
        count(mover_id) as mover_count,
        sum(net_amount) as net_amount,
        sum(base_net_amount) as base_net_amount

    from moved

    group by
        fiscal_quarter_start_date, base_quarter_start_date,
        dimension_code, dimension_id, movement_code

),

final as (

    select
        pair.*,
        movement.dimension_code,
        movement.dimension_id,
        movement.movement_code,
        case when movement.dimension_code <> 'category' then movement.mover_count end
            as customer_count,
        case when movement.dimension_code = 'category' then movement.mover_count end
            as household_count,
        {{ money('movement.net_amount') }} as net_amount,
        {{ money('movement.base_net_amount') }} as base_net_amount,
        {{ money('movement.net_amount - movement.base_net_amount') }} as net_change_amount

    from movement
    inner join pair
        on
            movement.fiscal_quarter_start_date = pair.fiscal_quarter_start_date
            and movement.base_quarter_start_date = pair.base_quarter_start_date

)

select * from final
