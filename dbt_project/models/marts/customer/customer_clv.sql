-- Grain: one row per customer of btyd_summary: what is expected of the customer, and what that is
-- worth. Amounts are expectations: they add up over customers, their intervals do not. Rates add up
-- over nothing.
with

gate as (

    {{ gate_18() }}

),

margin as (

    -- One row: the mean margin of an occasion of all customers, and how many own ones it weighs.
    select
        max(case when measure_code = 'population_mean' then model_code end) as model_code,
        max(case when measure_code = 'population_mean' then measure end) as population_mean,
        max(case when measure_code = 'weight_count' then measure end) as weight_count

    from {{ made_in_python('int_value_model__fitted') }}

),

weighed as (

    select
        known.*,
        gate.is_accepted,
        gate.failed_measure,
        margin.model_code as margin_model_code,
        margin.population_mean,
        concat('mbg_nbd+', coalesce(margin.model_code, 'no_margin'), ' 1') as model_version,
        coalesce(
            {{ ratio(
                'known.margin_occasion_count',
                'known.margin_occasion_count + margin.weight_count'
            ) }},
            0
        ) as margin_weight_rate

    from {{ ref('btyd_summary') }} as known
    cross join gate
    cross join margin

),

expected as (

    select
        weighed.*,
        scored.alive_rate,
        scored.expected_3m_occasions,
        scored.expected_12m_occasions,
        scored.low_12m_occasions,
        scored.high_12m_occasions,
        scored.discounted_12m_occasions,
        scored.discounted_36m_occasions,
        weighed.margin_weight_rate
        * coalesce(cast(weighed.mean_margin_amount as double), 0)
        + (1 - weighed.margin_weight_rate) * weighed.population_mean as expected_margin

    from weighed
    left join {{ made_in_python('int_occasion__scored') }} as scored
        on
            weighed.is_accepted
            and weighed.segment_code = scored.segment_code
            and weighed.frequency_count = scored.frequency_count
            and weighed.recency_days = scored.recency_days
            and weighed.age_days = scored.age_days

),

final as (

    select
        tonight.as_of_date,
        tonight.customer_key,
        tonight.customer_id,
        tonight.segment_code,
        tonight.frequency_count,
        tonight.recency_days,
        tonight.age_days,
        {{ score_of('tonight.as_of_date', 'scored_date') }},
        case
            when tonight.is_accepted then 'scored'
            when held.customer_id is not null then 'held'
            else 'not scored'
        end as score_code,
        case
            when not tonight.is_accepted then concat('gate 18: ', tonight.failed_measure)
            when tonight.margin_model_code is null then 'no margin'
        end as score_reason,
        {{ score_of('tonight.model_version') }},
        {{ score_of('tonight.alive_rate') }},
        {{ score_of('tonight.expected_3m_occasions') }},
        {{ score_of('tonight.expected_12m_occasions') }},
        {{ score_of('tonight.low_12m_occasions') }},
        {{ score_of('tonight.high_12m_occasions') }},
        {{ score_of('tonight.margin_weight_rate') }},
        {{ score_of(rounded_money('tonight.expected_margin'), 'expected_margin_amount') }},
        {{ score_of(clv('tonight.discounted_12m_occasions'), 'clv_12m_amount') }},
        {{ score_of(clv_bound('least'), 'low_clv_12m_amount') }},
        {{ score_of(clv_bound('greatest'), 'high_clv_12m_amount') }},
        {{ score_of(clv('tonight.discounted_36m_occasions'), 'clv_36m_amount') }}

    from expected as tonight
    left join {{ ref('int_customer_score__held') }} as held
        on tonight.customer_id = held.customer_id

)

select * from final
