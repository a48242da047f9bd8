{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_week_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed(
        'fiscal_week_start_date', 'fiscal_week_start_date', reach=store_item_reach()
    ) }}"
) }}

-- Grain: one row per store, item and fiscal week in which it sold, came back, was delivered or was
-- missing. Sales, days and receipts are additive; stock, rates and ranks are not.
with

sold as (

    select
        store_id,
        product_id,
        fiscal_week_start_date,
        sum(quantity) as quantity,
        sum(unit_count) as unit_count,
        sum(net_amount) as net_amount,
        sum(margin_amount) as margin_amount
    from {{ ref('fct_sales_week') }}
    where {{ is_changed(
        'fiscal_week_start_date', 'fiscal_week_start_date', reach=store_item_reach()
    ) }}
    group by store_id, product_id, fiscal_week_start_date

),

delivered as (

    {{ week_deliveries(store_item_reach()) }}

),

stocked as (

    select * from {{ ref('int_store_item__stocked') }}
    where {{ is_changed(
        'fiscal_week_start_date', 'fiscal_week_start_date', reach=store_item_reach()
    ) }}

),

opening as (

    {{ touched_openings() }}

),

rate as (

    {{ touched_rates(store_item_reach()) }}

),

event as (

    select store_id, product_id, fiscal_week_start_date from sold
    union
    select store_id, product_id, fiscal_week_start_date from delivered
    union
    select store_id, product_id, fiscal_week_start_date from stocked
    where out_day_count > 0

),

week as (

    {{ store_item_weeks() }}

),

final as (

    select
        store_id,
        product_id,
        {{ quantity('coalesce(quantity, 0)') }} as quantity,
        {{ quantity('coalesce(unit_count, 0)') }} as unit_count,
        {{ money('coalesce(net_amount, 0)') }} as net_amount,
        {{ money('margin_amount') }} as margin_amount,
        {{ quantity('coalesce(receipt_quantity, 0)') }} as receipt_quantity,
        {{ quantity('coalesce(transfer_in_quantity, 0)') }} as transfer_in_quantity,
        known_day_count,
        in_stock_day_count,
        ranged_day_count,
        out_day_count,
        opening_quantity,
        closing_quantity,
        {{ ratio('in_stock_sale_quantity', 'in_stock_day_count') }} as in_stock_daily_units,
        {{ ratio('coalesce(quantity, 0)',
            '(opening_quantity + coalesce(receipt_quantity, 0) + coalesce(transfer_in_quantity, 0))'
        ) }} as sell_through_rate,
        average_daily_units,
        {{ ratio('closing_quantity', 'average_daily_units') }} as supply_days,
        case
            when net_amount is not null
                then cast(rank() over (
                    partition by store_id, fiscal_week_start_date
                    order by net_amount desc nulls last
                ) as bigint)
        end as item_rank_in_store,
        case
            when net_amount is not null
                then cast(rank() over (
                    partition by product_id, fiscal_week_start_date
                    order by net_amount desc nulls last
                ) as bigint)
        end as store_rank_for_item,
        fiscal_week_start_date
    from week

)

select * from final
order by fiscal_week_start_date
