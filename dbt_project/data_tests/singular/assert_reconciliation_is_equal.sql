-- A returned row is a pair of tables that state different net sales, over all dates: the totals
-- that meta.reconciliation publishes beside the numbers. Nothing may be published while they
-- differ.
{{ config(meta={'dagster': {'ref': {'name': 'reconciliation'}}}) }}
select
    check_name,
    left_amount,
    right_amount,
    left_row_count,
    right_row_count

from {{ ref('reconciliation') }}

where not is_equal
