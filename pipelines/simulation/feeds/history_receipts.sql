select
    day_date(0) as _date,
    receipt.business_date as date,
    receipt.store_id as store,
    cast(receipt.till_no as varchar) as till,
    receipt.transaction_seq as receipt,
    receipt.begin_at as begun_at,
    total.total_net as net,
    money(total.total_tax) as tax,
    total.total_gross as gross
from receipt
inner join total using (business_date, receipt_no)
where receipt.day < 0
