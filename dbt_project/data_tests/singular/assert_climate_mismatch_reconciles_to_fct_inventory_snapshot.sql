{{ config(meta={'dagster': {'ref': {'name': 'climate_mismatch'}}}) }}

-- A returned row is a store and item of which the mart states other units than the snapshot of its
-- day. Whoever is sent to fetch them must find them.
select
    mismatch.store_id,
    mismatch.product_id,
    mismatch.on_hand_quantity,
    inventory.on_hand_quantity as snapshot_quantity

from {{ ref('climate_mismatch') }} as mismatch
left join {{ ref('fct_inventory_snapshot') }} as inventory
    on
        mismatch.store_id = inventory.store_id
        and mismatch.product_id = inventory.product_id
        and mismatch.as_of_date = inventory.to_date

where
    inventory.on_hand_quantity is null
    or mismatch.on_hand_quantity <> inventory.on_hand_quantity
