{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per customer and business date with a receipt in fct_basket; all whom nobody knows
-- are the unknown member, so that a date adds up to its net sales. Measures are additive. Who
-- objects to profiling is here: marts leave him out as consents stand.
with

basket as (

    select * from {{ ref('fct_basket') }}
    where {{ is_changed('business_date') }}

),

final as (

    select
        business_date,
        max(customer_key) as customer_key,
        customer_id,
        min(channel) as day_channel,
        count(*) as receipt_count,
        count(margin_amount) as costed_receipt_count,
        {{ count_where('is_transaction') }} as transaction_count,
        {{ quantity('sum(unit_count)') }} as unit_count,
        {{ money('sum(net_amount)') }} as net_amount,
        {{ money('sum(margin_amount)') }} as margin_amount,
        sum(net_amount) > 0 as is_purchase_day

    from basket

    group by business_date, customer_id

)

-- A hash aggregate gives customers in no order; a date must stay together for the zone maps.
select * from final
order by business_date, customer_id
