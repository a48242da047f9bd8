{{ config(
    materialized='incremental',
    incremental_strategy=replace_strategy(),
    partition_by=replace_partition('business_date'),
    on_schema_change='fail',
    pre_hook="{{ delete_changed('business_date') }}"
) }}

-- Grain: one row per movement line, signed: plus adds to the store. Stores include warehouses.
with

movement as (

    select * from {{ ref('stg_stock__movement') }}
    where {{ is_changed('business_date') }}

),

final as (

    -- Left joins: each id is a member of its dimension; a missing one must fail a test, not hide.
    select
        movement.movement_id,
        movement.business_date,
        store.store_key,
        store.store_id,
        product.product_key,
        product.product_id,
        supplier.supplier_key,
        supplier.supplier_id,
        movement.movement_type_code,
        {{ quantity('movement.movement_quantity') }} as movement_quantity,
        {{ money('movement.movement_quantity * movement.unit_cost_amount') }}
            as movement_cost_amount,
        movement.counterpart_store_id,
        movement.document_ref,
        movement.purchase_order_ref,
        movement.movement_reason,
        movement.expected_date,
        movement.moved_at

    from movement
    left join {{ ref('dim_store') }} as store
        on {{ version_on('store', 'movement.store_id', 'movement.business_date') }}
    left join {{ ref('dim_product') }} as product
        on {{ version_on('product', 'movement.product_id', 'movement.business_date') }}
    left join {{ ref('dim_supplier') }} as supplier
        on movement.supplier_id = supplier.supplier_id

)

select * from final
