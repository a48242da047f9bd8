-- Grain: one row per customer that a fact names, whether a master knows it or not.
with

referenced as (

    select {{ reference_id('customer_ref') }} as customer_id
    from {{ ref('stg_pos__sales_line') }}
    where exclusion_reason is null
    group by customer_ref

    union

    select customer_id
    from {{ ref('stg_crm__campaign_touch') }}

    union

    select customer_id
    from {{ ref('stg_crm__coupon_redemption') }}

)

select * from referenced
