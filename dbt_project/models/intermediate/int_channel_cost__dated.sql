-- Grain: one row per channel, activity and span of dates in which one cost holds. The first that is
-- known holds for all time before it.
with

cost as (

    {{ latest_extract(ref('stg_finance__channel_cost'),
        ['cost_channel', 'activity_name', 'extract_date']) }}

),

dated as (

    {{ dated_versions('cost', ['cost_channel', 'activity_name'], 'extract_date',
        ['activity_cost_amount']) }}

)

select * from dated
