-- Grain: one row per partner, item and business date. Not additive over days.
with

stock as (

    select * from {{ ref('stg_partner__stock') }}

),

final as (

    -- Left joins: each id is a member of its dimension; a missing one must fail a test, not hide.
    select
        stock.partner_id,
        product.product_key,
        product.product_id,
        stock.business_date,
        {{ quantity('stock.partner_on_hand_quantity') }} as partner_on_hand_quantity

    from stock
    left join {{ ref('dim_product') }} as product
        on {{ version_on('product', 'stock.product_id', 'stock.business_date') }}

)

select * from final
