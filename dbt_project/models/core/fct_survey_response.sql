-- Grain: one row per answer. Scores of different scales are not to be averaged.
with

answer as (

    select * from {{ ref('stg_crm__survey') }}

),

final as (

    -- Left joins: each id is a member of its dimension; a missing one must fail a test, not hide.
    select
        answer.response_id,
        answer.response_date,
        answer.responded_at,
        customer.customer_key,
        customer.customer_id,
        answer.survey_name,
        answer.question_name,
        answer.answer_score,
        answer.scale_maximum_score,
        answer.told_count,
        {{ money('answer.wallet_spend_amount') }} as wallet_spend_amount,
        answer.case_id

    from answer
    left join ({{ referenced_customers() }}) as customer
        on {{ customer_on('answer.customer_id', 'answer.response_date') }}

)

select * from final
