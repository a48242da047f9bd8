-- Grain: one row per item that a fact names, whether a master knows it or not.
with

referenced as (

    select member_id as product_id
    from {{ ref('int_receipt__referenced') }}
    where member_kind = 'product'

    union

    select member_id as product_id
    from {{ ref('int_promo_coverage__referenced') }}
    where member_kind = 'product'

    union

    select member_id as product_id
    from {{ ref('int_stock__referenced') }}
    where member_kind = 'product'

    union

    select product_id
    from {{ ref('int_sales_week__rolled') }}

    union

    select product_id
    from {{ ref('stg_master__price') }}

    union

    select product_id
    from {{ ref('stg_partner__competitor_price') }}

    union

    select product_id
    from {{ ref('stg_partner__stock') }}

    union

    select product_id
    from {{ ref('stg_partner__sellout') }}

    union

    select product_id
    from {{ ref('stg_service__serial_registration') }}

    union

    select product_id
    from {{ ref('stg_service__case') }}
    where product_id is not null

)

select * from referenced
