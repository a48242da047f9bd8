{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_week_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('fiscal_week_start_date', 'fiscal_week_start_date') }}"
) }}

-- Grain: one row per item, store, price band and fiscal week in which sale lines were rung in it.
-- The price is the shelf's: after discounts on the line, before coupons and discounts on the
-- receipt. Amounts, counts and weeks on offer are additive, units per store-week are not. A week
-- with rolled days has none. Ids and no keys: in a week a member may have two versions.
with

item_week as (

    -- Most items have one price in a store and week, and are done with this one look at the lines.
    {{ price_weeks() }}

),

line_of_several as (

    {{ lines_of_several_prices('item_week') }}

),

banded_price as (

    -- Items share a few prices, so that a band is looked up for each price once.
    {{ banded_prices(['item_week', 'line_of_several']) }}

),

several as (

    {{ offers_of_several_prices('line_of_several', 'banded_price') }}

),

store_week as (

    select
        sales_day.store_id,
        dim_date.fiscal_week_start_date,
        count(*) as trading_day_count

    from {{ ref('fct_sales_day') }} as sales_day
    inner join {{ ref('dim_date') }} as dim_date on sales_day.business_date = dim_date.date_day

    where {{ is_changed('dim_date.fiscal_week_start_date', 'fiscal_week_start_date') }}

    group by sales_day.store_id, dim_date.fiscal_week_start_date

),

offer as (

    select
        item_week.product_id,
        item_week.store_id,
        item_week.fiscal_week_start_date,
        banded_price.price_band_code,
        {{ price_point_columns('item_week') }},
        case
            when banded_price.price_band_code is not null then store_week.trading_day_count
        end as on_offer_days

    from item_week
    left join banded_price on item_week.price_amount = banded_price.price_amount
    left join store_week
        on
            item_week.store_id = store_week.store_id
            and item_week.fiscal_week_start_date = store_week.fiscal_week_start_date

    where item_week.has_one_price

    union all

    select
        several.product_id,
        several.store_id,
        several.fiscal_week_start_date,
        several.price_band_code,
        {{ price_point_columns('several') }},
        several.on_offer_days

    from several

),

final as (

    select
        product_id,
        store_id,
        coalesce(price_band_code, {{ unknown_id() }}) as price_band_code,
        fiscal_week_start_date,
        {{ quantity('unit_count') }} as unit_count,
        {{ quantity('quantity') }} as quantity,
        {{ money('shelf_amount') }} as shelf_amount,
        {{ money('net_amount') }} as net_amount,
        {{ money('margin_amount') }} as margin_amount,
        cast(on_offer_days as bigint) as on_offer_days,
        on_offer_days / 7e0 as weeks_on_offer,
        {{ ratio('unit_count * 7', 'on_offer_days') }} as units_per_store_week

    from offer

)

select * from final
