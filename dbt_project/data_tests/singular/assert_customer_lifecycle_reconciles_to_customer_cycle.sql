{{ config(meta={'dagster': {'ref': {'name': 'customer_lifecycle'}}}) }}

-- A returned row is a customer whose stages do not begin with the first purchase of the cycle, or
-- follow one after the last, or whom one of the two does not know as somebody who has bought.
select
    coalesce(life.customer_id, rhythm.customer_id) as customer_id,
    life.first_stage_date,
    rhythm.first_purchase_date,
    life.last_purchase_date as stage_purchase_date,
    rhythm.last_purchase_date as cycle_purchase_date

from (
    select
        customer_id,
        min(valid_from_date) as first_stage_date,
        max(last_purchase_date) as last_purchase_date
    from {{ ref('customer_lifecycle') }}
    where last_purchase_date is not null
    group by customer_id
) as life
full outer join {{ ref('customer_cycle') }} as rhythm on life.customer_id = rhythm.customer_id

where
    coalesce(life.first_stage_date <> rhythm.first_purchase_date, true)
    or life.last_purchase_date > rhythm.last_purchase_date
