-- Grain: one row per store that a fact names, whether a master knows it or not.
with

referenced as (

    select member_id as store_id
    from {{ ref('int_receipt__referenced') }}
    where member_kind = 'store'

    union

    select member_id as store_id
    from {{ ref('int_promo_coverage__referenced') }}
    where member_kind = 'store'

    union

    select member_id as store_id
    from {{ ref('int_stock__referenced') }}
    where member_kind = 'store'

    union

    select store_id
    from {{ ref('int_sales_day__rolled') }}

    union

    select store_id
    from {{ ref('stg_pos__tender') }}

    union

    select store_id
    from {{ ref('stg_pos__register_session') }}

    union

    select store_id
    from {{ ref('stg_master__labour') }}

    union

    select store_id
    from {{ ref('stg_master__target') }}

    union

    select store_id
    from {{ ref('stg_master__traffic') }}

    union

    select store_id
    from {{ ref('stg_master__price') }}
    where store_id <> '*'

    union

    select store_id
    from {{ ref('stg_partner__competitor_price') }}
    where store_id <> '*'

    union

    select store_id
    from {{ ref('stg_service__case') }}
    where store_id is not null

)

select * from referenced
