{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_period_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed(
        'fiscal_period_start_date', 'fiscal_period_start_date', reach=stock_reach()
    ) }}"
) }}

-- Grain: one row per store and business date of which its stock is known, or on which any moved.
-- Stock is not additive over dates, what came and what was lost is. No span is written out by day:
-- what a span holds is added on its first day and taken off after its last, and a running sum over
-- the days of the period is the stock of each. A running sum begins with its period, as spans do.
with

day as (

    select date_day, fiscal_period_start_date from {{ ref('dim_date') }}
    where {{ is_changed(
        'fiscal_period_start_date', 'fiscal_period_start_date', reach=stock_reach()
    ) }}

),

change as (

    {{ stock_changes() }}

),

changed_day as (

    {{ stock_changed_days('change') }}

),

stock_day as (

    {{ running_stock('changed_day', 'day') }}

),

flow as (

    {{ stock_flows('day') }}

),

told_date as (

    select distinct business_date from flow

),

final as (

    select
        coalesce(stock_day.store_id, flow.store_id) as store_id,
        coalesce(stock_day.business_date, flow.business_date) as business_date,
        cast(coalesce(stock_day.item_count, 0) as bigint) as item_count,
        cast(coalesce(stock_day.ranged_item_count, 0) as bigint) as ranged_item_count,
        cast(coalesce(stock_day.stock_out_item_count, 0) as bigint) as stock_out_item_count,
        {{ quantity('stock_day.on_hand_quantity') }} as on_hand_quantity,
        case
            when stock_day.costed_item_count > 0 then {{ money('stock_day.stock_cost_amount') }}
        end as stock_cost_amount,
        -- zero on a date of which the stock system tells anything of any store, else unknown
        case
            when told_date.business_date is not null
                then {{ quantity('coalesce(flow.received_quantity, 0)') }}
        end as received_quantity,
        case
            when told_date.business_date is not null
                then {{ money('coalesce(flow.shrink_amount, 0)') }}
        end as shrink_amount,
        coalesce(stock_day.fiscal_period_start_date, flow.fiscal_period_start_date)
            as fiscal_period_start_date

    from stock_day
    full outer join flow
        on
            stock_day.store_id = flow.store_id
            and stock_day.business_date = flow.business_date
    left join told_date
        on coalesce(stock_day.business_date, flow.business_date) = told_date.business_date

)

select * from final
