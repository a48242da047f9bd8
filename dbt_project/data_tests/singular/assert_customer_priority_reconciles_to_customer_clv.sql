{{ config(meta={'dagster': {'ref': {'name': 'customer_priority'}}}) }}

-- A returned row is a customer whom only one of the two knows, or whose scores are other ones.
select
    coalesce(priority.customer_id, clv.customer_id) as customer_id,
    priority.expected_12m_occasions as mart_occasions,
    clv.expected_12m_occasions,
    priority.expected_margin_amount as mart_margin_amount,
    clv.expected_margin_amount

from {{ ref('customer_priority') }} as priority
full outer join {{ ref('customer_clv') }} as clv on priority.customer_id = clv.customer_id

where
    priority.customer_id is null
    or clv.customer_id is null
    or coalesce(priority.expected_12m_occasions, 0) <> coalesce(clv.expected_12m_occasions, 0)
    or coalesce(priority.expected_margin_amount, 0) <> coalesce(clv.expected_margin_amount, 0)
