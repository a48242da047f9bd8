-- Grain: one row per decision by hand on who is who, as it stands today. Names nobody: records, who
-- decided and why stand in raw.duckdb, identity.decision.
with

decision as (

    select * from {{ source('identity', 'decision') }}

),

link as (

    select
        source_system,
        source_id,
        customer_id,
        count(*) over (partition by customer_id) as record_count
    from {{ ref('xref_customer_identity') }}
    where unlinked_at is null

),

named_record as (

    select
        decision_id,
        left_system as source_system,
        left_id as source_id
    from decision

    union all

    select
        decision_id,
        right_system as source_system,
        right_id as source_id
    from decision

),

overruled as (

    select distinct named_record.decision_id
    from named_record
    inner join named_record as later
        on
            named_record.source_system = later.source_system
            and named_record.source_id = later.source_id
            and named_record.decision_id < later.decision_id

),

final as (

    select
        decision.decision_id as decision_number,
        decision.kind as decision_code,
        cast(decision.decided_at as {{ dbt.type_timestamp() }}) as decided_at,
        left_link.customer_id,
        right_link.customer_id as other_customer_id,
        overruled.decision_id is null as is_latest,
        case decision.kind
            when 'merge' then left_link.customer_id = right_link.customer_id
            when 'split' then left_link.record_count = 1
        end as is_followed

    from decision
    left join link as left_link
        on
            decision.left_system = left_link.source_system
            and decision.left_id = left_link.source_id
    left join link as right_link
        on
            decision.right_system = right_link.source_system
            and decision.right_id = right_link.source_id
    left join overruled on decision.decision_id = overruled.decision_id

)

select * from final
