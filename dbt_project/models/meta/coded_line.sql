{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per receipt line whose in-store bar code holds another price than the line has
-- before discounts, and no weight that is its quantity, in kilograms or grams.
with

line as (

    select
        *,
        abs(net_amount + line_discount_amount + store_coupon_amount) as gross_amount,
        coded_price_amount * abs({{ unit_count('quantity', 'unit_of_measure') }})
            as coded_amount

    from {{ ref('stg_pos__sales_line') }}

    where {{ is_changed('business_date') }}

),

final as (

    select
        {{ receipt_id('line') }} as receipt_id,
        line.line_number,
        line.business_date,
        line.store_id,
        line.product_id,
        {{ money('line.gross_amount') }} as gross_amount,
        {{ money('line.coded_price_amount') }} as coded_price_amount,
        {{ quantity('line.quantity') }} as quantity,
        {{ quantity('line.coded_weight_quantity') }} as coded_weight_quantity

    from line

    where
        line.exclusion_reason is null
        and coalesce(line.coded_price_amount, line.coded_weight_quantity) is not null
        and coalesce(line.coded_amount <> line.gross_amount, true)
        and coalesce(
            abs(line.quantity) not in (
                line.coded_weight_quantity, 1000 * line.coded_weight_quantity
            ),
            true
        )

)

select * from final
