-- Grain: one row per item, store, zone, kind of price and first day. Not additive. A price ends the
-- day before the next of its kind begins, or on its own last day if that is sooner. A price for
-- every store has the store 'not applicable'.
with

price as (

    {{ latest_extract(
        ref('stg_master__price'),
        ['product_id', 'store_id', 'price_zone', 'price_type_code', 'from_date']
    ) }}

),

succeeded as (

    select
        *,
        lead(from_date) over (
            partition by product_id, store_id, price_zone, price_type_code
            order by from_date nulls last
        ) as next_from_date

    from price

),

final as (

    select
        product.product_key,
        product.product_id,
        store.store_key,
        store.store_id,
        succeeded.price_zone,
        succeeded.price_type_code,
        succeeded.from_date as valid_from_date,
        case
            when succeeded.to_date < succeeded.next_from_date then succeeded.to_date
            when succeeded.next_from_date is null then succeeded.to_date
            else {{ add_days('succeeded.next_from_date', -1) }}
        end as valid_to_date,
        {{ money('succeeded.price_amount') }} as price_amount,
        succeeded.currency_code

    from succeeded
    left join {{ ref('dim_product') }} as product
        on {{ version_on('product', 'succeeded.product_id', 'succeeded.from_date') }}
    left join {{ ref('dim_store') }} as store
        on {{ version_on('store', store_or_all('succeeded.store_id'), 'succeeded.from_date') }}

)

select * from final
