-- Grain: one row per partner, item and business date. Quantities and amounts are additive.
with

sellout as (

    select * from {{ ref('stg_partner__sellout') }}

),

final as (

    -- Left joins: each id is a member of its dimension; a missing one must fail a test, not hide.
    select
        sellout.partner_id,
        product.product_key,
        product.product_id,
        sellout.business_date,
        {{ quantity('sellout.sellout_quantity') }} as sellout_quantity,
        {{ money('sellout.sellout_amount') }} as sellout_amount

    from sellout
    left join {{ ref('dim_product') }} as product
        on {{ version_on('product', 'sellout.product_id', 'sellout.business_date') }}

)

select * from final
