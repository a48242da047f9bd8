select
    day_date(0) as _date,
    tender.business_date as date,
    receipt.store_id as store,
    cast(receipt.till_no as varchar) as till,
    receipt.transaction_seq as receipt,
    tender.tender_seq as tender,
    tender.tender_type as type,
    tender.amount,
    tender.change_amount as change
from tender
inner join receipt using (business_date, receipt_no)
where tender.day < 0
