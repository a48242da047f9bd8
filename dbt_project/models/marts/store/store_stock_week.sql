{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_week_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed(
        'fiscal_week_start_date', 'fiscal_week_start_date', reach=lost_sales_reach()
    ) }}"
) }}

-- Grain: one row per store and fiscal week of which its stock is known. Lost sales are additive;
-- items by state and days of supply are those of the last known day of the week, and are not.
with

health as (

    select * from {{ ref('inventory_health') }}
    where {{ is_changed(
        'fiscal_week_start_date', 'fiscal_week_start_date', reach=lost_sales_reach()
    ) }}

),

last_day as (

    select
        store_id,
        fiscal_week_start_date,
        max(to_date) as as_of_date
    from {{ ref('inventory_health') }}
    where {{ is_changed(
        'fiscal_week_start_date', 'fiscal_week_start_date', reach=lost_sales_reach()
    ) }}
    group by store_id, fiscal_week_start_date

),

final as (

    select
        health.store_id,
        min(last_day.as_of_date) as as_of_date,
        {%- for state in ['out', 'low', 'ok', 'over', 'dead'] %}
        {{ count_where(
            "health.to_date = last_day.as_of_date and health.stock_state_code = '" ~ state ~ "'"
        ) }} as {{ state }}_item_count,
        {%- endfor %}
        {{ count_where(
            'health.to_date = last_day.as_of_date and health.phantom_reason_code is not null'
        ) }} as phantom_item_count,
        {{ ratio(
            'sum(case when health.to_date = last_day.as_of_date'
            ~ ' and health.average_daily_units is not null then health.on_hand_quantity end)',
            'sum(case when health.to_date = last_day.as_of_date'
            ~ ' then cast(health.average_daily_units as decimal(28, 9)) end)'
        ) }} as supply_days,
        {{ quantity('sum(cast(health.lost_units as decimal(28, 9)))') }} as lost_quantity,
        {{ money('sum(health.lost_net_amount)') }} as lost_net_amount,
        {{ money('sum(health.lost_margin_amount)') }} as lost_margin_amount,
        health.fiscal_week_start_date

    from health
    inner join last_day
        on
            health.store_id = last_day.store_id
            and health.fiscal_week_start_date = last_day.fiscal_week_start_date

    group by health.store_id, health.fiscal_week_start_date

)

select * from final
