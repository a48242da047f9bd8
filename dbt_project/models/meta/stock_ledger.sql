{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('fiscal_period_start_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed(
        'fiscal_period_start_date', 'fiscal_period_start_date', reach=stock_reach()
    ) }}"
) }}

-- Grain: one row per store and fiscal period whose stock ledger could be drawn up. Additive.
with

ledger as (

    select
        store_id,
        fiscal_period_start_date,
        {{ days_between('from_date', 'to_date') }} + 1 as day_count,
        abs(residual_quantity) as residual_quantity,
        unit_cost_amount

    from {{ ref('fct_inventory_snapshot') }}

    where
        residual_quantity is not null
        and {{ is_changed(
            'fiscal_period_start_date', 'fiscal_period_start_date', reach=stock_reach()
        ) }}

),

final as (

    select
        store_id,
        cast(sum(day_count) as bigint) as item_day_count,
        cast(sum(case when residual_quantity > 0 then day_count else 0 end) as bigint)
            as residual_item_day_count,
        {{ quantity('sum(residual_quantity * day_count)') }} as residual_total_quantity,
        {{ money('coalesce(sum(residual_quantity * day_count * unit_cost_amount), 0)') }}
            as residual_total_amount,
        fiscal_period_start_date

    from ledger

    group by store_id, fiscal_period_start_date

)

select * from final
