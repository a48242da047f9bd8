-- Grain: one row per source record of a customer who left a mail address or a phone number.
-- A record that nothing links is a customer of its own number.
with

customer_hash as (

    select * from {{ source('privacy', 'customer_hash') }}

),

link as (

    select * from {{ ref('int_customer__linked') }}

),

identified as (

    select
        coalesce(link.customer_id, {{ minted_id('customer_hash.source_id') }}) as customer_id,
        customer_hash.source_system,
        customer_hash.source_id as source_customer_ref,
        customer_hash.email_hash,
        customer_hash.phone_hash

    from customer_hash
    left join link
        on
            customer_hash.source_system = link.source_system
            and customer_hash.source_id = link.source_id

    where coalesce(customer_hash.email_hash, customer_hash.phone_hash) is not null

)

select * from identified
