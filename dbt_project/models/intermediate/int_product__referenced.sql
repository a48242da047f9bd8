-- Grain: one row per item that a fact names, whether a master knows it or not.
with

referenced as (

    select {{ reference_id('product_id') }} as product_id
    from {{ ref('stg_pos__sales_line') }}
    where exclusion_reason is null
    group by product_id

    union

    select member_id as product_id
    from {{ ref('int_promo_coverage__referenced') }}
    where member_kind = 'product'

)

select * from referenced
