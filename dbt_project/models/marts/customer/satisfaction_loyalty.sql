-- Grain: one row per identified customer and fiscal quarter in which the customer answered a survey
-- that is about no single case, but for who objects to profiling. As of the last day of the quarter
-- or, while it lasts, of the data. Not additive; net_amount is, over customers of a quarter.
with

data_span as (

    select
        min(business_date) as first_date,
        max(business_date) as last_date

    from {{ ref('fct_customer_day') }}

),

answer as (

    {{ quarterly_answers() }}

),

answered_quarter as (

    select distinct
        answer.fiscal_quarter_start_date,
        least(answer.fiscal_quarter_end_date, data_span.last_date) as as_of_date,
        greatest(answer.fiscal_quarter_start_date, data_span.first_date) as known_from_date

    from answer
    cross join data_span

),

visit as (

    {{ quarterly_visits() }}

),

scored as (

    -- Everybody who ever bought by then is ranked, as in rfm: who answered is not a fair sample.
    select
        visit.*,
        {{ quintile_score('frequency_days asc nulls last', 'fiscal_quarter_start_date') }}
            as frequency_score

    from visit

),

measured as (

    -- What is spent elsewhere is told by month; a quarter that is not all known counts its days.
    select
        answer.*,
        answered_quarter.as_of_date,
        coalesce(scored.frequency_days, 0) as frequency_days,
        scored.frequency_score,
        coalesce(scored.net_amount, 0) as net_amount,
        cast(coalesce(scored.net_amount, 0) as double) * 365 / 12
        / case
            when answered_quarter.as_of_date >= answered_quarter.known_from_date
                then {{ days_between(
                    'answered_quarter.known_from_date', 'answered_quarter.as_of_date'
                ) }} + 1
        end
        / nullif(answer.average_wallet_amount, 0) as share_of_wallet_rate

    from answer
    inner join answered_quarter
        on answer.fiscal_quarter_start_date = answered_quarter.fiscal_quarter_start_date
    left join scored
        on
            answer.customer_id = scored.customer_id
            and answer.fiscal_quarter_start_date = scored.fiscal_quarter_start_date

),

final as (

    select
        customer.customer_key,
        measured.customer_id,
        measured.fiscal_quarter_code,
        measured.fiscal_quarter_start_date,
        measured.as_of_date,
        measured.answer_count,
        measured.average_satisfaction_score,
        measured.frequency_days,
        measured.frequency_score,
        {{ money('measured.net_amount') }} as net_amount,
        measured.average_wallet_amount,
        measured.share_of_wallet_rate,
        {{ is_satisfied() }} as is_satisfied,
        {{ is_loyal() }} as is_loyal,
        case
            when {{ is_satisfied() }} and {{ is_loyal() }} then 'loyal'
            when {{ is_satisfied() }} then 'mercenary'
            when {{ is_loyal() }} then 'captive'
            else 'defector'
        end as quadrant_code

    from measured
    left join {{ ref('dim_customer') }} as customer
        on measured.customer_id = customer.customer_id and customer.is_current

)

select * from final
