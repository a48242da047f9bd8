{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_week_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed(
        'fiscal_week_start_date', 'fiscal_week_start_date', reach=store_item_rate_reach()
    ) }}"
) }}

-- Grain: one row per store, item and fiscal week: how fast it sells, by the eight weeks before. A
-- stocked item without a row is too new to tell. Not additive over stores, items or weeks.
with

week as (

    select distinct fiscal_week_start_date
    from {{ ref('int_store_item__stocked') }}
    where {{ is_changed(
        'fiscal_week_start_date', 'fiscal_week_start_date', reach=store_item_rate_reach()
    ) }}

),

week_before as (

    {{ weeks_before_week() }}

),

stocked as (

    select
        week_before.fiscal_week_start_date,
        stocked.store_id,
        stocked.product_id,
        sum(stocked.in_stock_day_count) as in_stock_day_count,
        sum(stocked.in_stock_sold_day_count) as in_stock_sold_day_count,
        sum(stocked.in_stock_sale_quantity) as in_stock_sale_quantity,
        {{ ratio('sum(stocked.sale_net_amount)', 'sum(stocked.sale_quantity)') }}
            as net_per_unit,
        {{ ratio('sum(stocked.sale_margin_amount)', 'sum(stocked.costed_sale_quantity)') }}
            as margin_per_unit,
        sum(stocked.out_day_count) as out_day_count,
        max(stocked.last_sale_date) as last_sale_date,
        max(stocked.last_receipt_date) as last_receipt_date
    from {{ ref('int_store_item__stocked') }} as stocked
    inner join week_before on stocked.fiscal_week_start_date = week_before.week_before_date
    group by week_before.fiscal_week_start_date, stocked.store_id, stocked.product_id

),

item as (

    select
        stocked.*,
        product.category_name,
        stocked.in_stock_day_count >= parameter.min_in_stock_days as is_own_rate
    from stocked
    cross join {{ ref('stock_parameter') }} as parameter
    left join {{ ref('dim_product') }} as product
        on stocked.product_id = product.product_id and product.is_current

),

category as (

    select
        fiscal_week_start_date,
        store_id,
        category_name,
        {{ ratio('sum(in_stock_sale_quantity)', 'sum(in_stock_day_count)') }} as category_rate
    from item
    group by fiscal_week_start_date, store_id, category_name

),

rated as (

    select
        item.*,
        case
            when item.is_own_rate
                then {{ ratio('item.in_stock_sale_quantity', 'item.in_stock_day_count') }}
            else category.category_rate
        end as average_daily_units
    from item
    left join category
        on
            item.fiscal_week_start_date = category.fiscal_week_start_date
            and item.store_id = category.store_id
            and item.category_name = category.category_name

),

final as (

    select
        rated.store_id,
        rated.product_id,
        rated.average_daily_units,
        case when rated.is_own_rate then 'item' else 'category' end as rate_source_code,
        cast(rated.in_stock_day_count as bigint) as in_stock_day_count,
        cast(rated.in_stock_sold_day_count as bigint) as in_stock_sold_day_count,
        {{ quantity('rated.in_stock_sale_quantity') }} as in_stock_sale_quantity,
        rated.is_own_rate and rated.in_stock_sold_day_count > 0 and rated.in_stock_sold_day_count
        >= parameter.recurring_sold_day_rate * rated.in_stock_day_count as is_recurring,
        rated.net_per_unit,
        rated.margin_per_unit,
        cast(rated.out_day_count as bigint) as out_day_count,
        rated.last_sale_date,
        rated.last_receipt_date,
        rated.fiscal_week_start_date
    from rated
    cross join {{ ref('stock_parameter') }} as parameter
    where rated.average_daily_units is not null

)

select * from final
