{{ config(materialized=shared_view()) }}

-- Grain: one row per record of a source: customers of the CRM, and what else the ledger of
-- identity has linked. Of several systems with one number the first by priority has the claim to
-- it. A record that is not linked is a customer of its own.
with

linked as (

    select
        source_system,
        source_id,
        customer_id
    from {{ source('identity', 'xref_customer_identity') }}
    where unlinked_at is null

),

recorded as (

    select distinct
        source_system,
        source_id
    from {{ ref('stg_crm__customer') }}

),

record as (

    select
        coalesce(linked.source_system, recorded.source_system) as source_system,
        coalesce(linked.source_id, recorded.source_id) as source_id,
        linked.customer_id

    from recorded
    full outer join linked
        on
            recorded.source_system = linked.source_system
            and recorded.source_id = linked.source_id

),

claimed as (

    select
        record.source_system,
        record.source_id,
        record.customer_id,
        -- systems that the seed does not name come last, by name
        coalesce(source_priority.priority, 1000) as source_priority,
        row_number() over (
            partition by record.source_id
            order by
                coalesce(source_priority.priority, 1000) asc nulls last,
                record.source_system asc nulls last
        ) as claim_number

    from record
    left join {{ ref('source_priority') }} as source_priority
        on record.source_system = source_priority.source_system

),

final as (

    select
        source_system,
        source_id,
        source_priority,
        claim_number = 1 as is_first_claim,
        case
            when customer_id is not null then customer_id
            when claim_number = 1 then {{ minted_id('source_id') }}
            else {{ minted_id("concat_ws('|', source_system, source_id)") }}
        end as customer_id

    from claimed

)

select * from final
