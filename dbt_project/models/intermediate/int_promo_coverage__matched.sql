{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per store, item and business date that was sold while on promotion, with the
-- smallest promotion of those that cover it.
-- A table, not a view: joined as a view its size is guessed 150 times too big (49 million for
-- 317,420), and the sales fact would then hold every line in memory and lose its date order.
with

line as (

    select * from {{ ref('stg_pos__sales_line') }}
    where
        exclusion_reason is null
        and {{ is_changed('business_date') }}

),

coverage as (

    select * from {{ ref('stg_master__promo_coverage') }}
    where {{ is_near_changed('from_date', 'to_date') }}

),

matched as (

    select
        line.store_id,
        line.product_id,
        line.business_date,
        min(coverage.promotion_id) as promotion_id

    from line
    inner join coverage
        on
            line.store_id = coverage.store_id
            and line.product_id = coverage.product_id
            and line.business_date between coverage.from_date and coverage.to_date

    group by line.store_id, line.product_id, line.business_date

)

select
    store_id,
    product_id,
    promotion_id,
    business_date

from matched
