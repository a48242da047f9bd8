{{ config(meta={'dagster': {'ref': {'name': 'segment_profile'}}}) }}

-- A returned row is a rule on the first channel alone whose customers, or those of tier A, are not
-- the ones of the last month end who began there.
with

began as (

    select
        concat('first channel is ', acquisition.entry_channel) as rule_label,
        count(*) as customer_count,
        {{ count_where("valued.value_tier_code = 'A'") }} as key_customer_count

    from {{ ref('customer_value') }} as valued
    inner join {{ ref('fct_acquisition') }} as acquisition
        on valued.customer_id = acquisition.customer_id

    where
        valued.month_end_date = (
            select max(latest.month_end_date) from {{ ref('customer_value') }} as latest
        )

    group by 1

)

select
    profile.rule_label,
    profile.customer_count as mart_customer_count,
    began.customer_count as value_customer_count,
    profile.key_customer_count as mart_key_customer_count,
    began.key_customer_count as value_key_customer_count

from {{ ref('segment_profile') }} as profile
left join began on profile.rule_label = began.rule_label

where
    profile.condition_count = 1
    and profile.rule_label like 'first channel is %'
    and coalesce(
        profile.customer_count <> began.customer_count
        or profile.key_customer_count <> began.key_customer_count,
        true
    )
