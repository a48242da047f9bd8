{{ config(meta={'dagster': {'ref': {'name': 'satisfaction_loyalty'}}}) }}

-- A returned row says that answers of a quarter are not all in the mart, or that its customers' net
-- sales of the quarter are not those of their receipts. Excluded by name: answers about a case, of
-- nobody known and of who objects to profiling; money of customers who never bought, only returned.
with

quarter_day as (

    select date_day, fiscal_quarter_start_date
    from {{ ref('dim_date') }}

),

answer as (

    select
        quarter_day.fiscal_quarter_start_date,
        count(*) as answer_count

    from {{ ref('fct_survey_response') }} as answered
    inner join quarter_day on answered.response_date = quarter_day.date_day

    where
        answered.customer_key > 0
        and answered.case_id is null
        and answered.customer_id not in ({{ profiling_objector() }})

    group by quarter_day.fiscal_quarter_start_date

),

receipt as (

    select
        quarter_day.fiscal_quarter_start_date,
        sum(basket.net_amount) as net_amount

    from {{ ref('fct_basket') }} as basket
    inner join quarter_day on basket.business_date = quarter_day.date_day
    inner join {{ ref('satisfaction_loyalty') }} as mart
        on
            basket.customer_id = mart.customer_id
            and quarter_day.fiscal_quarter_start_date = mart.fiscal_quarter_start_date
            and mart.frequency_score is not null

    group by quarter_day.fiscal_quarter_start_date

),

mart as (

    select
        fiscal_quarter_start_date,
        sum(answer_count) as answer_count,
        sum(net_amount) as net_amount

    from {{ ref('satisfaction_loyalty') }}

    group by fiscal_quarter_start_date

)

select
    answer.answer_count as fact_answer_count,
    mart.answer_count as mart_answer_count,
    coalesce(receipt.net_amount, 0) as fact_net_amount,
    coalesce(mart.net_amount, 0) as mart_net_amount

from answer
full join mart on answer.fiscal_quarter_start_date = mart.fiscal_quarter_start_date
left join receipt on mart.fiscal_quarter_start_date = receipt.fiscal_quarter_start_date

where
    coalesce(answer.answer_count, 0) <> coalesce(mart.answer_count, 0)
    or coalesce(receipt.net_amount, 0) <> coalesce(mart.net_amount, 0)
