{{ config(meta={'dagster': {'ref': {'name': 'customer_cycle'}}}) }}

-- A returned row is a customer whose purchase days the cycle counts otherwise than the summary does,
-- which is held against receipts, or whom one of the two does not know.
select
    coalesce(rhythm.customer_id, summary.customer_id) as customer_id,
    rhythm.purchase_day_count,
    summary.frequency_count

from {{ ref('customer_cycle') }} as rhythm
full outer join {{ ref('btyd_summary') }} as summary on rhythm.customer_id = summary.customer_id

where
    coalesce(rhythm.purchase_day_count, 0) <> coalesce(summary.frequency_count + 1, 0)
    or coalesce(rhythm.first_purchase_date <> summary.first_occasion_date, true)
    or coalesce(rhythm.last_purchase_date <> summary.last_occasion_date, true)
