-- Grain: one row per source record of a customer who left a mail address or a phone number.
-- Holds keyed hashes only: they join what two sources know of one address, and show none.
with

final as (

    select
        customer_id,
        source_system,
        source_customer_ref,
        email_hash,
        phone_hash

    from {{ ref('int_customer_contact__identified') }}

)

select * from final
