{{ config(meta={'dagster': {'ref': {'name': 'transfer_suggestion'}}}) }}

-- A returned row is a store that is to give more of an item than lies there on the newest day of
-- stock, or whose stock of that day nobody knows. A buyer who trusts the list would find empty
-- shelves.
with

given as (

    select
        as_of_date,
        product_id,
        from_store_id,
        sum(transfer_quantity) as transfer_quantity

    from {{ ref('transfer_suggestion') }}

    group by as_of_date, product_id, from_store_id

)

select
    given.product_id,
    given.from_store_id,
    given.transfer_quantity,
    inventory.on_hand_quantity

from given
left join {{ ref('fct_inventory_snapshot') }} as inventory
    on
        given.product_id = inventory.product_id
        and given.from_store_id = inventory.store_id
        and given.as_of_date = inventory.to_date

where
    inventory.on_hand_quantity is null
    or given.transfer_quantity > inventory.on_hand_quantity
