-- Grain: one row per competitor, item, store and day. Not additive. A price that holds for every
-- store has the store 'not applicable'.
with

price as (

    select * from {{ ref('stg_partner__competitor_price') }}

),

final as (

    -- Left joins: each id is a member of its dimension; a missing one must fail a test, not hide.
    select
        price.competitor_name,
        product.product_key,
        product.product_id,
        store.store_key,
        store.store_id,
        price.observed_date,
        {{ money('price.price_amount') }} as price_amount,
        price.is_promotion

    from price
    left join {{ ref('dim_product') }} as product
        on {{ version_on('product', 'price.product_id', 'price.observed_date') }}
    left join {{ ref('dim_store') }} as store
        on {{ version_on('store', store_or_all('price.store_id'), 'price.observed_date') }}

)

select * from final
