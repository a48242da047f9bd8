-- Grain: one row per store and business date whose receipts are kept no longer.
with

record as (

    select * from {{ source('retention', 'sales_day') }}

),

rolled as (

    select
        store_id,
        business_date,
        receipt_count,
        costed_receipt_count,
        transaction_count,
        identified_transaction_count,
        line_count,
        unit_count,
        gross_amount,
        discount_amount,
        returns_amount,
        net_amount,
        costed_net_amount,
        margin_amount

    from record

)

select * from rolled
