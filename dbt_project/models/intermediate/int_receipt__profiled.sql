{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per receipt with a header that counts, with what the header says of the whole
-- receipt. A table, not a view: the sales fact joins it, and must not hold its lines in memory
-- because the size of a view was guessed too large.
with

receipt as (

    select * from {{ ref('stg_pos__transaction') }}
    where {{ is_changed('business_date') }}

),

final as (

    select
        receipt.store_id,
        receipt.workstation_id,
        receipt.transaction_number,
        receipt.transaction_type,
        receipt.is_offline,
        {{ filled_text('receipt.loyalty_id') }} is not null as is_loyalty_present,
        -- A clock that was set back meanwhile measures nothing.
        case
            when receipt.ended_at >= receipt.begun_at
                then {{ seconds_between('receipt.begun_at', 'receipt.ended_at') }}
        end as duration_seconds,
        receipt.business_date

    from receipt
    left join {{ ref('int_receipt__excluded') }} as excluded
        on {{ same_receipt('receipt', 'excluded') }}

    where excluded.exclusion_reason is null

)

select * from final
