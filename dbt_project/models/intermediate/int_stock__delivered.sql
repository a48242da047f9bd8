{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per store and business date of which stock was delivered. A table, so that the
-- inventory need not read all stock each night to find how long what was delivered holds.
with

snapshot as (

    select * from {{ ref('stg_stock__snapshot') }}
    where {{ is_changed('business_date') }}

),

delivered as (

    select
        store_id,
        {{ count_where('is_full_extract') }} > 0 as has_full_extract,
        {{ count_where('not is_full_extract') }} > 0 as has_changes,
        business_date

    from snapshot

    group by store_id, business_date

)

select * from delivered
