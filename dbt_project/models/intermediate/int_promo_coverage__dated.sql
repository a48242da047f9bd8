{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per store and date of which the coverage feed says anything. An item it does not
-- name there was on no promotion; of a store and date it does not name, nothing is known.
with

coverage_period as (

    select
        store_id,
        from_date,
        to_date

    from {{ ref('stg_master__promo_coverage') }}

    where {{ is_near_changed('from_date', 'to_date') }}

    group by store_id, from_date, to_date

),

dated as (

    select distinct
        coverage_period.store_id,
        dim_date.date_day as business_date

    from coverage_period
    inner join {{ ref('dim_date') }} as dim_date
        on dim_date.date_day between coverage_period.from_date and coverage_period.to_date

    where {{ is_changed('dim_date.date_day') }}

)

select * from dated
