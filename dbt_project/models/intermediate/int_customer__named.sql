-- Grain: one row per customer of whom a source knows a name, as its token. It is of one record, as
-- fields of a version are: by priority of the system, then by how late the record was delivered.
with

hashed as (

    select
        linked.customer_id,
        customer_hash.name_token,
        row_number() over (
            partition by linked.customer_id
            order by
                linked.source_priority asc nulls last,
                customer_hash.extracted_at desc nulls last,
                linked.source_system asc nulls last,
                linked.source_id asc nulls last
        ) as record_rank

    from {{ source('privacy', 'customer_hash') }} as customer_hash
    inner join {{ ref('int_customer__linked') }} as linked
        on
            customer_hash.source_system = linked.source_system
            and customer_hash.source_id = linked.source_id

    where customer_hash.name_token is not null

),

final as (

    select
        customer_id,
        name_token

    from hashed

    where record_rank = 1

)

select * from final
