-- Grain: one row per item, store that gives and store that is given to, as of the newest day of
-- stock. Quantities, benefits and costs are additive; days of supply are not, and hold after all
-- rows. Needs and surpluses of an item are laid out on a line each, those of most benefit first,
-- and who lies opposite of each other is a pair: no more is given than is spare, no more is sent
-- than is needed, and there are no rounds.
with

stock as (

    {{ stock_of_today() }}

),

judged as (

    {{ needs_and_surpluses() }}

),

need as (

    {{ stretches(
        'need_quantity',
        'least(cast(judged.need_quantity as double), judged.horizon_units)'
        ~ ' * judged.margin_per_unit desc nulls last'
    ) }}

),

surplus as (

    {{ stretches(
        'surplus_quantity',
        'judged.loss_per_unit asc nulls last, judged.surplus_quantity desc nulls last'
    ) }}

),

pair as (

    select
        need.as_of_date,
        need.product_id,
        surplus.store_id as from_store_id,
        need.store_id as to_store_id,
        least(need.end_quantity, surplus.end_quantity)
        - greatest(need.begin_quantity, surplus.begin_quantity) as transfer_quantity,
        -- a store sells what comes first, and no more than it can within the horizon
        greatest(
            0,
            least(
                cast(least(need.end_quantity, surplus.end_quantity) as double),
                cast(need.begin_quantity as double) + need.horizon_units
            ) - cast(greatest(need.begin_quantity, surplus.begin_quantity) as double)
        ) as sold_units,
        need.margin_per_unit,
        need.net_per_unit,
        need.daily_units as to_daily_units,
        need.position_quantity as to_position_quantity,
        surplus.daily_units as from_daily_units,
        surplus.position_quantity as from_position_quantity,
        surplus.unit_cost_amount,
        surplus.loss_per_unit,
        parameter.freight_amount,
        parameter.handling_amount,
        parameter.markdown_rate

    from need
    inner join surplus
        on
            need.product_id = surplus.product_id
            and need.begin_quantity < surplus.end_quantity
            and need.end_quantity > surplus.begin_quantity
    cross join {{ ref('transfer_parameter') }} as parameter

),

valued as (

    select
        pair.*,
        {{ rounded_money('pair.sold_units * pair.margin_per_unit') }} as margin_gain_amount,
        {{ money('pair.freight_amount + pair.handling_amount * pair.transfer_quantity') }}
            as transfer_cost_amount,
        {{ rounded_money('cast(pair.transfer_quantity as double) * pair.loss_per_unit') }}
            as giver_loss_amount

    from pair

),

paying as (

    select
        valued.*,
        valued.margin_gain_amount - valued.transfer_cost_amount - valued.giver_loss_amount
            as benefit_amount

    from valued

    where
        valued.margin_gain_amount - valued.transfer_cost_amount - valued.giver_loss_amount > 0

),

final as (

    {{ transfer_columns() }}

)

select * from final
