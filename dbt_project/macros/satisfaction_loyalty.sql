{#- Answers by customer and fiscal quarter. Scales differ: 8 of 10 is 4 of 5. -#}
{% macro quarterly_answers() -%}
    select
        answered.customer_id,
        fiscal_quarter.fiscal_quarter_code,
        fiscal_quarter.fiscal_quarter_start_date,
        fiscal_quarter.fiscal_quarter_end_date,
        count(*) as answer_count,
        avg({{ ratio('5 * answered.answer_score', 'answered.scale_maximum_score') }})
            as average_satisfaction_score,
        cast(avg(answered.wallet_spend_amount) as double) as average_wallet_amount
    from {{ ref('fct_survey_response') }} as answered
    inner join (
        select
            fiscal_quarter_code,
            fiscal_quarter_start_date,
            max(date_day) as fiscal_quarter_end_date
        from {{ ref('dim_date') }}
        group by fiscal_quarter_code, fiscal_quarter_start_date
    ) as fiscal_quarter
        on
            answered.response_date >= fiscal_quarter.fiscal_quarter_start_date
            and answered.response_date <= fiscal_quarter.fiscal_quarter_end_date
    where
        answered.customer_key > 0
        and answered.case_id is null
        and answered.customer_id not in ({{ profiling_objector() }})
    group by
        answered.customer_id,
        fiscal_quarter.fiscal_quarter_code,
        fiscal_quarter.fiscal_quarter_start_date,
        fiscal_quarter.fiscal_quarter_end_date
{%- endmacro %}

{#-
    Purchase days of the 365 days to the end of each quarter in which somebody answered, and net sales
    of the quarter itself, of everybody who had bought by then. Expects the CTE answered_quarter.
-#}
{% macro quarterly_visits() -%}
    select
        answered_quarter.fiscal_quarter_start_date,
        known.customer_id,
        coalesce(visited.frequency_days, 0) as frequency_days,
        coalesce(visited.net_amount, 0) as net_amount
    from answered_quarter
    inner join {{ ref('customer_cycle') }} as known
        on answered_quarter.as_of_date >= known.first_purchase_date
    left join (
        select
            answered_quarter.fiscal_quarter_start_date,
            customer_day.customer_id,
            {{ count_where('customer_day.is_purchase_day') }} as frequency_days,
            sum(
                case
                    when customer_day.business_date >= answered_quarter.fiscal_quarter_start_date
                        then customer_day.net_amount
                    else 0
                end
            ) as net_amount
        from {{ ref('fct_customer_day') }} as customer_day
        inner join answered_quarter
            on
                customer_day.business_date <= answered_quarter.as_of_date
                and customer_day.business_date
                >= {{ add_days('answered_quarter.as_of_date', -364) }}
        where customer_day.customer_key > 0
        group by answered_quarter.fiscal_quarter_start_date, customer_day.customer_id
    ) as visited
        on
            known.customer_id = visited.customer_id
            and answered_quarter.fiscal_quarter_start_date = visited.fiscal_quarter_start_date
{%- endmacro %}

{#- M44: 4 of 5 is content. -#}
{% macro is_satisfied() -%}
    measured.average_satisfaction_score >= 4
{%- endmacro %}

{#- M44: who comes often, or leaves us half of what such goods cost them, is loyal. -#}
{% macro is_loyal() -%}
    (
        coalesce(measured.frequency_score >= 4, false)
        or coalesce(measured.share_of_wallet_rate >= 0.5, false)
    )
{%- endmacro %}
