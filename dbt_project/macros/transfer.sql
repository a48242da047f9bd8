{#-
    The stock of the newest day with how fast it sells: what a store may need or spare. Reads only the
    fiscal period of that day.
-#}
{% macro stock_of_today() -%}
    select
        inventory.store_id,
        inventory.product_id,
        today.as_of_date,
        inventory.on_hand_quantity,
        inventory.on_hand_quantity
        + coalesce(inventory.in_transit_quantity, 0)
        - coalesce(inventory.reserved_quantity, 0) as position_quantity,
        inventory.on_hand_quantity
        - coalesce(inventory.reserved_quantity, 0)
        - coalesce(inventory.damaged_quantity, 0) as free_quantity,
        coalesce(inventory.presentation_minimum_quantity, 0) as presentation_quantity,
        coalesce(inventory.safety_stock_quantity, 0) as safety_quantity,
        inventory.unit_cost_amount,
        coalesce(inventory.is_ranged, true) as is_ranged,
        rate.average_daily_units,
        rate.net_per_unit,
        coalesce(
            rate.margin_per_unit,
            rate.net_per_unit - cast(inventory.unit_cost_amount as double)
        ) as margin_per_unit
    from {{ ref('fct_inventory_snapshot') }} as inventory
    inner join (
        select
            newest.as_of_date,
            dim_date.fiscal_period_start_date,
            dim_date.fiscal_week_start_date
        from (
            select max(to_date) as as_of_date
            from {{ ref('fct_inventory_snapshot') }}
            where not is_snapshot_missing
        ) as newest
        inner join {{ ref('dim_date') }} as dim_date on newest.as_of_date = dim_date.date_day
    ) as today
        on
            inventory.fiscal_period_start_date = today.fiscal_period_start_date
            and inventory.to_date = today.as_of_date
    left join {{ ref('store_item_rate') }} as rate
        on
            inventory.store_id = rate.store_id
            and inventory.product_id = rate.product_id
            and today.fiscal_week_start_date = rate.fiscal_week_start_date
    where not inventory.is_snapshot_missing
{%- endmacro %}

{#- A quantity down to whole packs: of what is needed or spare, so that any cut between two is whole. -#}
{% macro whole_packs(expression) -%}
    {{ quantity(
        'cast(floor((' ~ expression ~ ') / cast(parameter.pack_quantity as double)) as bigint)'
        ~ ' * parameter.pack_quantity'
    ) }}
{%- endmacro %}

{#-
    What each store needs of an item, or can spare, in whole packs (M23); reads the caller's stock.
    A store that needs any spares none, nor does one where the item is too new to tell. A giver
    keeps what it sells in max_days, which is no less than what it needs, and gives only what lies
    there and is not promised.
-#}
{% macro needs_and_surpluses() -%}
    select
        judged.*,
        {{ whole_packs('judged.needed_units') }} as need_quantity,
        case
            when judged.needed_units > 0 or judged.average_daily_units is null
                then {{ quantity('0') }}
            else {{ whole_packs(
                'greatest(0, least(cast(judged.free_quantity as double), judged.spare_units))'
            ) }}
        end as surplus_quantity
    from (
        select
            stock.*,
            case
                when stock.is_ranged and stock.daily_units > 0 and stock.margin_per_unit is not null
                    then greatest(
                        0,
                        stock.daily_units * parameter.target_days
                        + cast(
                            stock.safety_quantity + stock.presentation_quantity
                            - stock.position_quantity as double
                        )
                    )
                else 0
            end as needed_units,
            cast(stock.position_quantity as double) - greatest(
                cast(stock.presentation_quantity as double),
                stock.daily_units * greatest(parameter.max_days, parameter.target_days)
            ) as spare_units,
            stock.daily_units * parameter.horizon_days as horizon_units,
            case
                when stock.daily_units > 0
                    then parameter.giver_loss_rate * coalesce(stock.margin_per_unit, 0)
                else 0
            end as loss_per_unit
        from (
            select
                *,
                coalesce(average_daily_units, 0) as daily_units
            from stock
        ) as stock
        cross join {{ ref('transfer_parameter') }} as parameter
    ) as judged
    cross join {{ ref('transfer_parameter') }} as parameter
{%- endmacro %}

{#-
    The units of an item that a store needs, or spares, as a stretch of a line on which those of all
    stores lie one behind the other, the ones of most benefit first; reads the caller's judged.
-#}
{% macro stretches(measure, order) -%}
    select
        stretched.*,
        stretched.end_quantity - stretched.{{ measure }} as begin_quantity
    from (
        select
            judged.*,
            sum(judged.{{ measure }}) over (
                partition by judged.product_id
                order by {{ order }}, judged.store_id asc nulls last
                rows between unbounded preceding and current row
            ) as end_quantity
        from judged
        where judged.{{ measure }} > 0
    ) as stretched
{%- endmacro %}

{#- The columns of transfer_suggestion; reads its paying. Days of supply after are after all rows. -#}
{% macro transfer_columns() -%}
    select
        as_of_date,
        product_id,
        from_store_id,
        to_store_id,
        {{ quantity('transfer_quantity') }} as transfer_quantity,
        {{ money('margin_gain_amount') }} as margin_gain_amount,
        {{ money('transfer_cost_amount') }} as transfer_cost_amount,
        {{ money('giver_loss_amount') }} as giver_loss_amount,
        {{ money('benefit_amount') }} as benefit_amount,
        cast(row_number() over (
            order by
                benefit_amount desc nulls last,
                product_id asc nulls last,
                from_store_id asc nulls last,
                to_store_id asc nulls last
        ) as bigint) as benefit_rank,
        concat(
            case
                when to_position_quantity <= 0 then 'receiver is out of stock'
                else 'receiver runs out'
            end,
            case
                when from_daily_units > 0 then ', giver has more than it sells'
                else ', giver sells none'
            end
        ) as transfer_reason,
        {{ quantity('from_position_quantity') }} as from_position_quantity,
        {{ quantity('to_position_quantity') }} as to_position_quantity,
        {{ ratio('from_position_quantity', 'from_daily_units') }} as from_supply_before_days,
        {{ ratio(
            'from_position_quantity - sum(transfer_quantity) over ('
            ~ 'partition by product_id, from_store_id)', 'from_daily_units'
        ) }} as from_supply_after_days,
        {{ ratio('to_position_quantity', 'to_daily_units') }} as to_supply_before_days,
        {{ ratio(
            'to_position_quantity + sum(transfer_quantity) over ('
            ~ 'partition by product_id, to_store_id)', 'to_daily_units'
        ) }} as to_supply_after_days,
        {{ rounded_money(
            'cast(transfer_quantity as double) * (net_per_unit * (1 - markdown_rate)'
            ~ ' - cast(unit_cost_amount as double))'
        ) }} as markdown_margin_amount
    from paying
{%- endmacro %}
