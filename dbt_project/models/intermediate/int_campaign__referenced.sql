-- Grain: one row per campaign that a fact names, whether a master knows it or not.
with

referenced as (

    select campaign_id
    from {{ ref('stg_crm__campaign_touch') }}

    union

    select campaign_id
    from {{ ref('stg_crm__coupon_redemption') }}

    union

    select campaign_id
    from {{ ref('stg_crm__campaign_cell') }}

    union

    select campaign_id
    from {{ ref('stg_crm__lead') }}

    union

    select campaign_id
    from {{ ref('stg_crm__opportunity') }}
    where campaign_id is not null

)

select * from referenced
