{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per receipt that its header keeps out of sales, with the reason.
-- A table, not a view: the sales fact joins it, and a view's size is guessed many times too large.
with

receipt as (

    select * from {{ ref('stg_pos__transaction') }}
    where {{ is_changed('business_date') }}

),

judged as (

    select
        store_id,
        workstation_id,
        transaction_number,
        case
            when is_training then 'training'
            when is_cancelled then 'cancelled'
            when transaction_type not in ('sale', 'return', 'exchange') then transaction_type
        end as exclusion_reason,
        business_date

    from receipt

)

select * from judged
where exclusion_reason is not null
