-- Grain: one row per reference to a customer that a fact names, whether a source knows it or not.
with

referenced as (

    select member_id as customer_ref
    from {{ ref('int_receipt__referenced') }}
    where member_kind = 'customer'

    union

    select customer_ref
    from {{ source('retention', 'acquisition') }}

    union

    select customer_id as customer_ref
    from {{ ref('stg_crm__campaign_touch') }}

    union

    select customer_id as customer_ref
    from {{ ref('stg_crm__coupon_redemption') }}

    union

    select customer_id as customer_ref
    from {{ ref('stg_crm__loyalty_event') }}

    union

    select customer_id as customer_ref
    from {{ ref('stg_crm__lead') }}

    union

    select customer_id as customer_ref
    from {{ ref('stg_crm__opportunity') }}
    where customer_id is not null

    union

    select customer_id as customer_ref
    from {{ ref('stg_crm__survey') }}

    union

    select customer_id as customer_ref
    from {{ ref('stg_service__serial_registration') }}

    union

    select customer_id as customer_ref
    from {{ ref('stg_service__case') }}
    where customer_id is not null

    union

    select customer_id as customer_ref
    from {{ ref('stg_service__contact_log') }}

    union

    -- the account of a contact, which the source may not have delivered
    select parent_account_id as customer_ref
    from {{ ref('stg_crm__customer') }}
    where parent_account_id is not null

    union

    select customer_id as customer_ref
    from {{ ref('stg_finance__ar_open_item') }}

)

select * from referenced
