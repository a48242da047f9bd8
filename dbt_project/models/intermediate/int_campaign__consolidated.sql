-- Grain: one row per campaign: its latest extract, whole.
with

extracted as (

    select * from {{ ref('stg_crm__campaign') }}

),

ranked as (

    select
        campaign_id,
        campaign_name,
        campaign_type,
        objective,
        start_date,
        end_date,
        budget_amount,
        cost_amount,
        row_number() over (
            partition by campaign_id
            order by
                extract_date desc nulls last,
                _file_id desc nulls last,
                _line_number desc nulls last
        ) as recency_number

    from extracted

),

latest as (

    select
        campaign_id,
        campaign_name,
        campaign_type,
        objective,
        start_date,
        end_date,
        budget_amount,
        cost_amount

    from ranked

    where recency_number = 1

)

select * from latest
