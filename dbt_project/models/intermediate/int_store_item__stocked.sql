{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy('stocked_week'),
    partition_by=replace_partition('fiscal_week_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_retold_weeks(stock_reach()) }}"
) }}

-- Grain: one row per store, item and fiscal week of which stock is known. Not published: what is
-- told of a week needs the eight before it. Additive over weeks but for the closing quantity. A
-- night goes on with a week that stands, see macros/stock_week_tail.sql.
with

day as (

    select date_day, fiscal_week_start_date, fiscal_period_start_date from {{ ref('dim_date') }}
    where {{ is_changed(
        'fiscal_week_start_date', 'fiscal_week_start_date', reach=stock_reach()
    ) }}

),

week as (

    select
        fiscal_week_start_date,
        fiscal_period_start_date,
        max(date_day) as week_end_date
    from day
    group by fiscal_week_start_date, fiscal_period_start_date

),

last_delivery as (

    select
        delivered.store_id,
        day.fiscal_week_start_date,
        max(delivered.business_date) as last_date
    from {{ ref('int_stock__delivered') }} as delivered
    inner join day on delivered.business_date = day.date_day
    group by delivered.store_id, day.fiscal_week_start_date

),

trading_span as (

    {{ trading_spans() }}

),

{{ weeks_to_go_on(stock_reach()) }}
stock_span as (

    {{ week_stock_spans() }}

),

stocked as (

    {{ week_stock_days() }}

),

sold_day as (

    {{ week_sold_days() }}

),

delivered as (

    {{ week_deliveries(stock_reach()) }}

),

sold as (

    {{ week_stock_sales() }}

),

final as (

    select
        stocked.store_id,
        stocked.product_id,
        cast(stocked.known_day_count as bigint) as known_day_count,
        cast(stocked.in_stock_day_count as bigint) as in_stock_day_count,
        cast(stocked.ranged_day_count as bigint) as ranged_day_count,
        cast(stocked.out_day_count as bigint) as out_day_count,
        {{ quantity('stocked.closing_quantity') }} as closing_quantity,
        {{ quantity('coalesce(sold.in_stock_sale_quantity, 0)') }} as in_stock_sale_quantity,
        cast(coalesce(sold.in_stock_sold_day_count, 0) as bigint) as in_stock_sold_day_count,
        {{ quantity('coalesce(sold.sale_quantity, 0)') }} as sale_quantity,
        {{ money('coalesce(sold.sale_net_amount, 0)') }} as sale_net_amount,
        {{ quantity('coalesce(sold.costed_sale_quantity, 0)') }} as costed_sale_quantity,
        {{ money('coalesce(sold.sale_margin_amount, 0)') }} as sale_margin_amount,
        sold.last_sale_date,
        delivered.last_receipt_date,
        stocked.to_date,
        stocked.is_in_stock,
        stocked.is_ranged,
        stocked.fiscal_week_start_date

    from stocked
    left join sold
        on {{ same_store_item_week('stocked', 'sold') }}
    left join delivered
        on {{ same_store_item_week('stocked', 'delivered') }}

)

select * from final
