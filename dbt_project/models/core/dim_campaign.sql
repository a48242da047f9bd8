-- Grain: one row per campaign, by its latest extract.
-- A campaign that facts name and no master knows is inferred; the unknown one is a row too.
with

master as (

    select * from {{ ref('int_campaign__consolidated') }}

),

special_member as (

    {{ special_member_ids() }}

),

member as (

    -- union and not union all: each campaign once, however many sources name it
    select campaign_id from master

    union

    select campaign_id from {{ ref('int_campaign__referenced') }}

    union

    select member_id as campaign_id from special_member

),

final as (

    select
        {{ member_key('member.campaign_id') }} as campaign_key,
        member.campaign_id,
        coalesce(master.campaign_name, member.campaign_id) as campaign_name,
        master.campaign_type,
        master.objective,
        coalesce(spend.spend_code, 'other') as spend_code,
        master.start_date,
        master.end_date,
        master.budget_amount,
        master.cost_amount,
        {{ is_inferred('member.campaign_id', 'master.campaign_id') }} as is_inferred

    from member
    left join master on member.campaign_id = master.campaign_id
    left join {{ ref('campaign_objective') }} as spend
        on lower(trim(master.objective)) = spend.objective

)

select * from final
