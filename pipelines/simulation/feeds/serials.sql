-- The dryer of the second story has a warranty that ends within a month of the window's end.
select
    line.business_date as _date,
    item_code(line.item_no) as item,
    line.serial_no as serial,
    receipt.store_id as store,
    cast(receipt.till_no as varchar) as till,
    receipt.transaction_seq as receipt,
    line.business_date as date,
    receipt.customer_ref as customer,
    'maker' as warranty,
    case when receipt.plant = 'entitlement_ending'
        then greatest(1, cast(ceil((getvariable('days') - line.day) / 30.0) as integer))
        else 24 end as months,
    receipt.begin_at + interval 1 hour as registered_at
from line
inner join receipt using (business_date, receipt_no)
where line.serial_no is not null
