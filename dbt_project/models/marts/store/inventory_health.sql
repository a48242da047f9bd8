{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy('health_week'),
    partition_by=replace_partition('fiscal_week_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_retold_weeks(lost_sales_reach()) }}"
) }}

-- Grain: one row per store, item and span of days within a fiscal week on which its stock did not
-- change, of what is ranged or in stock. Each day of a span has its state; dim_date writes the days
-- out. Lost sales are additive, stock is not additive over days. A night goes on with a week that
-- stands, see macros/stock_week_tail.sql.
with

day as (

    select date_day, day_of_week_number, fiscal_week_start_date, fiscal_period_start_date
    from {{ ref('dim_date') }}
    where {{ is_changed(
        'fiscal_week_start_date', 'fiscal_week_start_date', reach=lost_sales_reach()
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

{{ weeks_to_go_on(lost_sales_reach()) }}
stock_span as (

    select * from ({{ week_stock_spans() }}) as known_span
    where is_ranged or on_hand_quantity <> 0

),

sold_day as (

    {{ week_sold_days() }}

),

rate as (

    {{ touched_rates(lost_sales_reach()) }}

),

rated as (

    {{ rated_stock_spans() }}

),

lost as (

    {{ lost_sales() }}

),

judged as (

    select
        rated.*,
        lost.lost_units,
        {{ ratio('rated.on_hand_quantity', 'rated.average_daily_units') }} as supply_days,
        case
            when rated.is_in_stock
                then {{ days_between('rated.last_sale_date', 'rated.to_date') }}
        end as unsold_days,
        {{ days_between('rated.last_receipt_date', 'rated.to_date') }} as age_days
    from rated
    left join lost
        on
            rated.store_id = lost.store_id
            and rated.product_id = lost.product_id
            and rated.from_date = lost.from_date

),

final as (

    select
        judged.store_id,
        judged.product_id,
        judged.from_date,
        judged.to_date,
        judged.on_hand_quantity,
        judged.stock_cost_amount,
        judged.stock_retail_amount,
        judged.average_daily_units,
        judged.supply_days,
        judged.sold_day_rate,
        {{ stock_state() }} as stock_state_code,
        judged.unsold_days,
        judged.age_days,
        {{ phantom_reason() }} as phantom_reason_code,
        coalesce(judged.lost_units, 0) as lost_units,
        {{ rounded_money('coalesce(judged.lost_units * judged.net_per_unit, 0)') }}
            as lost_net_amount,
        {{ rounded_money('judged.lost_units * judged.margin_per_unit') }} as lost_margin_amount,
        judged.fiscal_week_start_date

    from judged
    cross join {{ ref('stock_parameter') }} as parameter

)

select * from final
{{ in_order_of_stores() }}
