{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per store and business date with a receipt in fct_basket, or with one when its
-- receipts were still kept: then is_rolled. All measures are additive.
with

detailed as (

    select
        store_id,
        business_date,
        count(*) as receipt_count,
        count(margin_amount) as costed_receipt_count,
        sum(case when is_transaction then 1 else 0 end) as transaction_count,
        sum(case when is_transaction and customer_key > 0 then 1 else 0 end)
            as identified_transaction_count,
        sum(line_count) as line_count,
        sum(unit_count) as unit_count,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(returns_amount) as returns_amount,
        sum(net_amount) as net_amount,
        sum(case when margin_amount is not null then net_amount end) as costed_net_amount,
        sum(margin_amount) as margin_amount

    from {{ ref('fct_basket') }}

    where {{ is_changed('business_date') }}

    group by store_id, business_date

),

rolled as (

    select * from {{ ref('int_sales_day__rolled') }}
    where {{ is_changed('business_date') }}

),

final as (

    {% for source, is_rolled in [('detailed', 'false'), ('rolled', 'true')] -%}
    select
        store_id,
        business_date,
        cast(receipt_count as bigint) as receipt_count,
        cast(costed_receipt_count as bigint) as costed_receipt_count,
        cast(transaction_count as bigint) as transaction_count,
        cast(identified_transaction_count as bigint) as identified_transaction_count,
        cast(line_count as bigint) as line_count,
        {{ quantity('unit_count') }} as unit_count,
        {{ money('gross_amount') }} as gross_amount,
        {{ money('discount_amount') }} as discount_amount,
        {{ money('returns_amount') }} as returns_amount,
        {{ money('net_amount') }} as net_amount,
        {{ money('costed_net_amount') }} as costed_net_amount,
        {{ money('margin_amount') }} as margin_amount,
        {{ is_rolled }} as is_rolled

    from {{ source }}

    {% if not loop.last -%}
    union all

    {% endif %}
    {%- endfor -%}

)

select * from final
