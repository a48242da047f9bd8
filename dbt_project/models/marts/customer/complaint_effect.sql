-- Grain: one row per level of resolution with a complaint, and 'all' of them: what complaints did
-- to spending beyond what customers did who never complained (M43). Not additive. The interval is
-- that of the mean of so many complaints, by Student's t.
with

complaint as (

    select
        resolution_level_code,
        is_stopped,
        is_reduced,
        told_count,
        net_change_amount,
        excess_net_change_amount

    from {{ ref('complaint_outcome') }}

),

levelled as (

    select * from complaint

    union all

    select
        'all' as resolution_level_code,
        is_stopped,
        is_reduced,
        told_count,
        net_change_amount,
        excess_net_change_amount

    from complaint

),

level_total as (

    select
        resolution_level_code,
        count(*) as complaint_count,
        {{ count_where('is_stopped') }} as stopped_count,
        {{ count_where('is_reduced') }} as reduced_count,
        count(is_stopped) as judged_count,
        count(is_reduced) as observed_count,
        {{ ratio('sum(told_count)', 'count(told_count)') }} as told_count_mean,
        count(excess_net_change_amount) as compared_count,
        {{ ratio(
            'sum(case when excess_net_change_amount is not null then net_change_amount end)',
            'count(excess_net_change_amount)'
        ) }} as net_change_mean,
        {{ ratio('sum(excess_net_change_amount)', 'count(excess_net_change_amount)') }}
            as excess_net_change_mean,
        stddev_samp(cast(excess_net_change_amount as double))
        / sqrt(cast(nullif(count(excess_net_change_amount), 0) as double)) as standard_error

    from levelled

    group by resolution_level_code

),

final as (

    -- Of one or two complaints the spread is not known.
    select
        resolution_level_code,
        complaint_count,
        judged_count,
        stopped_count,
        reduced_count,
        {{ ratio('stopped_count', 'judged_count') }} as stopped_rate,
        {{ ratio('reduced_count', 'observed_count') }} as reduced_rate,
        told_count_mean,
        compared_count,
        net_change_mean,
        net_change_mean - excess_net_change_mean as control_net_change_mean,
        excess_net_change_mean,
        case
            when compared_count >= 3
                then
                    excess_net_change_mean
                    - standard_error * {{ student_t_95('compared_count - 1') }}
        end as lower_excess_net_change_mean,
        case
            when compared_count >= 3
                then
                    excess_net_change_mean
                    + standard_error * {{ student_t_95('compared_count - 1') }}
        end as upper_excess_net_change_mean

    from level_total

)

select * from final
