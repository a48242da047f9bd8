-- A point for each whole unit of money; who has 500 points of one receipt rises to silver.
with counted as (
    select receipt.*, cast(floor(total.total_net) as integer) as points
    from receipt
    inner join total using (business_date, receipt_no)
    where receipt.day >= 0 and total.is_counted and receipt.customer_ref like 'C%'
        and is_wanted(receipt.business_date) and is_wanted(total.business_date)
)
select
    day_date(joined_second // 86400) as _date,
    'J-' || customer_ref as event,
    'L' || customer_ref[2:] as card,
    day_date(joined_second // 86400) + interval 6 hour as at,
    'join' as type,
    cast(0 as decimal(9, 3)) as points,
    cast(null as text) as store, cast(null as text) as till, cast(null as integer) as receipt,
    cast(null as date) as date,
    'basic' as tier
from customer
where source_system = 'crm' and customer_type = 'person'
    and is_wanted_day(joined_second // 86400)
union all
select
    business_date, printf('P-%d', receipt_no), 'L' || customer_ref[2:], begin_at,
    case when points > 0 then 'earn' else 'adjust' end, points,
    store_id, cast(till_no as varchar), transaction_seq, business_date, null
from counted
where points <> 0
union all
select
    business_date, printf('T-%d', receipt_no), 'L' || customer_ref[2:],
    begin_at, 'tier', 0, null, null, null, null, 'silver'
from counted
where points >= 500
