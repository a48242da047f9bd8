-- Grain: one row per campaign and day from its first to its last. Additive. The cost of a campaign
-- is spread evenly in whole cents; the last day takes the rest, so that the days add up to the
-- cost.
with

campaign as (

    select
        campaign_key,
        campaign_id,
        start_date,
        end_date,
        cost_amount,
        {{ days_between('start_date', 'end_date') }} + 1 as day_count

    from {{ ref('dim_campaign') }}

    where cost_amount is not null and end_date >= start_date

),

shared as (

    select
        *,
        {{ money(
            'cast(floor(100 * cast(cost_amount as double) / day_count) as bigint) * 0.01'
        ) }} as share_amount

    from campaign

),

final as (

    select
        shared.campaign_key,
        shared.campaign_id,
        dim_date.date_day as business_date,
        {{ money(
            'case when dim_date.date_day = shared.end_date'
            ~ ' then shared.cost_amount - shared.share_amount * (shared.day_count - 1)'
            ~ ' else shared.share_amount end'
        ) }} as campaign_day_cost_amount

    from shared
    inner join {{ ref('dim_date') }} as dim_date
        on dim_date.date_day between shared.start_date and shared.end_date

)

select * from final
