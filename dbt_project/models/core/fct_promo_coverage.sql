{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('from_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('from_date') }}"
) }}

-- Grain: one row per promotion, item, store and first day. Factless: counts of rows are offers, not
-- sales. A coverage file flags every day it spans as changed, so rows are replaced by first day.
with

coverage as (

    select * from {{ ref('stg_master__promo_coverage') }}
    where {{ is_changed('from_date') }}

),

store as (

    select store_key, store_id, valid_from_date, valid_to_date from {{ ref('dim_store') }}

),

product as (

    select product_key, product_id, valid_from_date, valid_to_date from {{ ref('dim_product') }}

),

promotion as (

    select promotion_key, promotion_id from {{ ref('dim_promotion') }}

),

final as (

    -- Left joins: each id is a member of its dimension; a missing one must fail a test, not hide.
    select
        promotion.promotion_key,
        promotion.promotion_id,
        product.product_key,
        product.product_id,
        store.store_key,
        store.store_id,
        coverage.from_date,
        coverage.to_date

    from coverage
    left join store
        on {{ version_on('store', reference_id('coverage.store_id'), 'coverage.from_date') }}
    left join product
        on {{ version_on('product', reference_id('coverage.product_id'), 'coverage.from_date') }}
    left join promotion on {{ reference_id('coverage.promotion_id') }} = promotion.promotion_id

)

select * from final
