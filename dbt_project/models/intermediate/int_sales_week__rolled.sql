-- Grain: one row per store, item, promotion and fiscal week whose receipts are kept no longer.
with

record as (

    select * from {{ source('retention', 'sales_week') }}

),

rolled as (

    select
        store_id,
        product_id,
        promotion_id,
        fiscal_week_start_date,
        line_count,
        quantity,
        unit_count,
        gross_amount,
        discount_amount,
        returns_amount,
        net_amount,
        tax_amount,
        cost_amount,
        margin_amount,
        manufacturer_coupon_amount

    from record

)

select * from rolled
