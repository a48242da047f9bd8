-- Grain: one row per promotion that a fact names, whether a master knows it or not.
with

referenced as (

    select {{ filled_text('promotion_id') }} as promotion_id
    from {{ ref('stg_pos__sales_line') }}
    where exclusion_reason is null
    group by promotion_id

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
