-- Grain: one row per customer of customer_clv, as of the last date of the data: whom to look after
-- first. Ranks and bands are not additive; amounts at risk are, over customers of one basis.
with

ranking as (

    -- A model that tells who leaves no better than the days since the last purchase ranks nobody.
    select coalesce(max(verdict_code) = 'better', false) as is_model_better
    from ({{ gated_measures() }}) as gated
    where
        model_code = 'mbg_nbd'
        and segment_code = 'all'
        and measure_code = 'churn_ranking'

),

worth as (

    select customer_value.*
    from {{ ref('customer_value') }} as customer_value
    inner join (
        select max(month_end_date) as month_end_date from {{ ref('customer_value') }}
    ) as last_month
        on customer_value.month_end_date = last_month.month_end_date

),

risk as (

    select
        clv.as_of_date,
        clv.customer_key,
        clv.customer_id,
        clv.scored_date,
        clv.alive_rate,
        clv.expected_12m_occasions,
        clv.expected_margin_amount,
        worth.value_basis_code,
        worth.value_tier_code,
        worth.is_lost_key,
        worth.amount_rank_rate,
        case
            when worth.value_basis_code = 'contribution' then worth.contribution_amount
            else worth.net_amount
        end as yearly_amount,
        {{ days_between('rhythm.last_purchase_date', 'clv.as_of_date') }} as recency_days,
        rhythm.cycle_days,
        {{ rounded_money(
            '(1 - clv.alive_rate) * clv.expected_12m_occasions / nullif(clv.alive_rate, 0)'
            ~ ' * cast(clv.expected_margin_amount as double)'
        ) }} as value_at_risk_amount,
        ranking.is_model_better

    from {{ ref('customer_clv') }} as clv
    cross join ranking
    left join worth on clv.customer_id = worth.customer_id
    left join {{ ref('customer_cycle') }} as rhythm on clv.customer_id = rhythm.customer_id

),

based as (

    select
        risk.*,
        case
            when risk.is_model_better and count(risk.value_at_risk_amount) over () > 0 then 'model'
            else 'baseline'
        end as ranking_basis_code,
        -- A year's worth, by how much of the time has passed after which a key customer is lost.
        {{ rounded_money(
            'cast(case when risk.yearly_amount > 0 then risk.yearly_amount else 0 end as double)'
            ~ ' * least(1, risk.recency_days'
            ~ ' / nullif(parameter.lost_cycle_multiple * risk.cycle_days, 0))'
        ) }} as baseline_risk_amount

    from risk
    cross join {{ ref('value_score_parameter') }} as parameter

),

final as (

    select
        based.as_of_date,
        based.customer_key,
        based.customer_id,
        based.scored_date,
        based.alive_rate,
        based.expected_12m_occasions,
        based.expected_margin_amount,
        based.value_at_risk_amount,
        based.baseline_risk_amount,
        based.recency_days,
        based.cycle_days,
        based.value_tier_code,
        coalesce(based.is_lost_key, false) as is_lost_key,
        {{ band('based.alive_rate', 0.8, 0.5, ['low', 'medium', 'high']) }} as churn_band_code,
        {{ band('based.amount_rank_rate', 0.8, 0.5, ['high', 'medium', 'low']) }}
            as contribution_band_code,
        based.ranking_basis_code,
        cast(row_number() over (
            order by
                case
                    when based.ranking_basis_code = 'model' then based.value_at_risk_amount
                    else based.baseline_risk_amount
                end desc nulls last,
                based.customer_id asc nulls last
        ) as bigint) as priority_rank,
        customer.owner_employee_id

    from based
    left join {{ ref('dim_customer') }} as customer
        on based.customer_key = customer.customer_key

)

select * from final
