-- Grain: one row per item of a store that sold in two weeks of eight, and fiscal week in which the
-- store traded and the item sold or was on offer, with what the eight weeks before tell.
with

{{ followed_item_weeks() }},

final as (

    select
        followed.*,
        regular_item.store_id,
        regular_item.product_id,
        regular_item.category_name

    from followed
    inner join regular_item on followed.store_item_number = regular_item.store_item_number

)

select * from final
