-- Grain: one row per cell of a campaign, by its latest extract. A cell that touches name and no
-- master knows is inferred; whether it is a control group is then not known.
with

master as (

    {{ latest_extract(ref('stg_crm__campaign_cell'), ['campaign_id', 'cell_id']) }}

),

member as (

    select campaign_id, cell_id from master

    union

    select campaign_id, cell_id
    from {{ ref('stg_crm__campaign_touch') }}
    where cell_id is not null

),

final as (

    select
        {{ surrogate_key(['member.campaign_id', 'member.cell_id']) }} as campaign_cell_key,
        concat_ws('|', member.campaign_id, member.cell_id) as campaign_cell_id,
        campaign.campaign_key,
        campaign.campaign_id,
        member.cell_id,
        master.is_control,
        master.offer_name,
        master.promotion_id,
        master.cell_id is null as is_inferred

    from member
    left join master
        on member.campaign_id = master.campaign_id and member.cell_id = master.cell_id
    left join {{ ref('dim_campaign') }} as campaign on member.campaign_id = campaign.campaign_id

)

select * from final
