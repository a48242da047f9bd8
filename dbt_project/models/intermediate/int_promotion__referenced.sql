-- Grain: one row per promotion that a fact names, whether a master knows it or not.
with

referenced as (

    select member_id as promotion_id
    from {{ ref('int_receipt__referenced') }}
    where member_kind = 'promotion'

    union

    select member_id as promotion_id
    from {{ ref('int_promo_coverage__referenced') }}
    where member_kind = 'promotion'

    union

    select promotion_id
    from {{ ref('int_sales_week__rolled') }}

)

select * from referenced
where promotion_id is not null
