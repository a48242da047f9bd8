-- Grain: one row per supplier, by its latest extract. 
-- A supplier that facts name and no master knows is inferred; the unknown one is a row too.
with

master as (

    {{ latest_extract(ref('stg_master__supplier'), ['supplier_id']) }}

),

special_member as (

    {{ special_member_ids() }}

),

named as (

    -- union and not union all: each supplier once, however many sources name it
    select supplier_id from master

    union

    select member_id as supplier_id from special_member

    union

    select member_id as supplier_id
    from {{ ref('int_stock__referenced') }}
    where member_kind = 'supplier'

),

member as (

    select * from named
    where supplier_id is not null

),

final as (

    select
        {{ member_key('member.supplier_id') }} as supplier_key,
        member.supplier_id,
        coalesce(master.supplier_name, member.supplier_id) as supplier_name,
        master.country,
        master.lead_time_days,
        master.payment_days,
        {{ is_inferred('member.supplier_id', 'master.supplier_id') }} as is_inferred

    from member
    left join master on member.supplier_id = master.supplier_id

)

select * from final
