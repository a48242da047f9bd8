{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per receipt line whose price was changed by hand, however many times.
-- A table, not a view, for the sake of the sales fact that joins it.
with

modifier as (

    select * from {{ ref('stg_pos__discount') }}
    where
        modifier_method = 'override'
        and {{ is_changed('business_date') }}

)

select distinct
    store_id,
    workstation_id,
    transaction_number,
    line_number,
    business_date

from modifier
