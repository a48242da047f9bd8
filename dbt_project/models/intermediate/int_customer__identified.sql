{{ config(materialized='table') }}

-- Grain: one row per reference to a customer that a fact or a source names. A reference names no
-- system: of several that have the number the first by priority is meant. One that no source knows
-- is a customer of its own, with the number that its record would have. A table, since every fact
-- of a customer joins it, and the references of all sales lines are counted for it.
with

linked as (

    select * from {{ ref('int_customer__linked') }}

),

special_member as (

    {{ special_customer_ids() }}

),

reference as (

    -- union and not union all: each reference once, however many feeds name it
    select customer_ref from {{ ref('int_customer__referenced') }}

    union

    select source_id as customer_ref from linked

    union

    select member_id as customer_ref from special_member

),

final as (

    select
        reference.customer_ref,
        case
            when special_member.member_id is not null then special_member.member_id
            when linked.customer_id is not null then linked.customer_id
            else {{ minted_id('reference.customer_ref') }}
        end as customer_id

    from reference
    left join special_member on reference.customer_ref = special_member.member_id
    left join linked on reference.customer_ref = linked.source_id and linked.is_first_claim

)

select * from final
