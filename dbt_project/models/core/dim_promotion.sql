-- Grain: one row per promotion, by its latest extract, and 'no promotion' with key 0.
-- A promotion that facts name and no master knows is inferred; the unknown one is a row too.
with

master as (

    select * from {{ ref('int_promotion__consolidated') }}

),

special_member as (

    {{ special_member_ids() }}

),

member as (

    -- union and not union all: each promotion once, however many sources name it
    select promotion_id from master

    union

    select promotion_id from {{ ref('int_promotion__referenced') }}

    union

    select member_id as promotion_id from special_member

    union

    select {{ no_promotion_id() }} as promotion_id

),

final as (

    select
        {{ member_key('member.promotion_id') }} as promotion_key,
        member.promotion_id,
        coalesce(master.promotion_name, member.promotion_id) as promotion_name,
        master.promotion_type,
        master.mechanic,
        master.display,
        master.ad,
        master.funding,
        master.start_date,
        master.end_date,
        {{ is_inferred('member.promotion_id', 'master.promotion_id') }} as is_inferred

    from member
    left join master on member.promotion_id = master.promotion_id

)

select * from final
