{{ config(meta={'dagster': {'ref': {'name': 'customer_cycle'}}}) }}

-- A returned row is a customer whose purchase days the cycle counts otherwise than the summary,
-- which is held against receipts, or whom one of the two does not know.
select
    coalesce(rhythm.customer_id, counted.customer_id) as customer_id,
    rhythm.purchase_day_count,
    counted.frequency_count

from {{ ref('customer_cycle') }} as rhythm
full outer join {{ ref('btyd_summary') }} as counted on rhythm.customer_id = counted.customer_id

where
    coalesce(rhythm.purchase_day_count, 0) <> coalesce(counted.frequency_count + 1, 0)
    or coalesce(rhythm.first_purchase_date <> counted.first_occasion_date, true)
    or coalesce(rhythm.last_purchase_date <> counted.last_occasion_date, true)
