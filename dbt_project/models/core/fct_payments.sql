{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per tender line of a receipt that is not cancelled, void, training, suspended or a
-- mere opening of the drawer. Money paid in and out of the drawer is kept.
with

tender as (

    select * from {{ ref('stg_pos__tender') }}
    where {{ is_changed('business_date') }}

),

final as (

    select
        {{ receipt_id('tender') }} as receipt_id,
        tender.tender_number,
        tender.business_date,
        store.store_key,
        store.store_id,
        tender.tender_code,
        tender.currency_code,
        tender.exchange_factor,
        {{ money('tender.tendered_amount') }} as tendered_amount,
        {{ money('tender.change_amount') }} as change_amount,
        {{ money('tender.tendered_amount - tender.change_amount') }} as paid_amount,
        tender.is_refund,
        tender.card_brand_name

    from tender
    left join {{ ref('dim_store') }} as store
        on {{ version_on('store', 'tender.store_id', 'tender.business_date') }}
    left join {{ ref('int_receipt__excluded') }} as excluded
        on {{ same_receipt('tender', 'excluded') }}

    where coalesce(excluded.exclusion_reason, 'payin') in ('payin', 'payout')

)

select * from final
