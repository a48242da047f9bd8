-- Grain: one row per answer.
with

source as (

    {{ counted_row('survey') }}

),

renamed as (

    select
        ---------- ids
        response_id,
        {{ reference_id('customer_ref') }} as customer_id,
        {{ filled_text('case_id') }} as case_id,

        ---------- text
        survey as survey_name,
        question as question_name,

        ---------- numerics
        score as answer_score,
        scale_maximum as scale_maximum_score,
        told_count,
        wallet_spend_total as wallet_spend_amount,

        ---------- dates
        response_date,

        ---------- timestamps
        cast(response_ts as timestamp) as responded_at

    from source

)

select * from renamed
