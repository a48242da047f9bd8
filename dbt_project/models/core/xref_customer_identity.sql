-- Grain: one row per source record and time for which it was linked to a customer. Holds numbers
-- only: what made two records one customer is told by rule and score. Which person decided by hand
-- stands in raw.duckdb, identity.decision.
with

ledger as (

    select * from {{ source('identity', 'xref_customer_identity') }}

),

final as (

    select
        source_system,
        source_id,
        customer_id,
        rule as rule_code,
        cast(score as decimal(18, 6)) as link_weight,
        confidence as confidence_code,
        cast(linked_at as timestamp) as linked_at,
        cast(unlinked_at as timestamp) as unlinked_at,
        case decided_by when 'rules' then 'rule' when 'splink' then 'model' else 'person' end
            as decided_by

    from ledger

)

select * from final
