-- Grain: one row per store that a fact names, whether a master knows it or not.
with

referenced as (

    select {{ reference_id('store_id') }} as store_id
    from {{ ref('stg_pos__sales_line') }}
    where exclusion_reason is null
    group by store_id

    union

    select member_id as store_id
    from {{ ref('int_promo_coverage__referenced') }}
    where member_kind = 'store'

)

select * from referenced
