select
    receipt.business_date as _date,
    delivery.part as _part,
    receipt.store_id as store,
    cast(receipt.till_no as varchar) as till,
    receipt.transaction_seq as receipt,
    receipt.business_date as business_date,
    receipt.txn_type as type,
    receipt.begin_at as begun_at,
    receipt.begin_at + interval 1 second * receipt.seconds as ended_at,
    receipt.txn_type = 'void' as cancelled,
    receipt.is_training as training,
    receipt.seed % 200 = 0 as offline,
    'E' || receipt.store_id[2:] || (1 + receipt.receipt_no % 5) as operator,
    receipt.channel as channel,
    'EUR' as currency,
    receipt.customer_ref as customer,
    case when receipt.customer_ref like 'C%' then 'L' || receipt.customer_ref[2:] end as card,
    total.item_count as pieces,
    total.total_net as net,
    money(total.total_tax) as tax,
    total.total_gross as gross,
    receipt.original_ref as original
from receipt
inner join total using (business_date, receipt_no)
inner join delivery
    on receipt.business_date = delivery.business_date and receipt.store_no = delivery.store_no
where
    receipt.till_system = 'a' and receipt.day >= 0 and is_wanted(receipt.business_date)
    and is_wanted(total.business_date)
