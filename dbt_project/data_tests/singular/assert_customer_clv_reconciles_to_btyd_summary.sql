{{ config(meta={'dagster': {'ref': {'name': 'customer_clv'}}}) }}

-- A returned row is a customer whom only one of the two marts knows, or whose score is not that of
-- tonight though others have one of tonight.
with

tonight as (

    select count(*) as scored_count
    from {{ ref('customer_clv') }}
    where score_code = 'scored'

)

select
    known.customer_id as known_customer_id,
    clv.customer_id as clv_customer_id,
    clv.score_code

from {{ ref('btyd_summary') }} as known
full join {{ ref('customer_clv') }} as clv
    on
        known.customer_id = clv.customer_id
        and known.frequency_count = clv.frequency_count
cross join tonight

where
    known.customer_id is null
    or clv.customer_id is null
    or (
        tonight.scored_count > 0
        and (clv.score_code <> 'scored' or clv.expected_12m_occasions is null)
    )
