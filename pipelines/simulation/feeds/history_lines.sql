select
    day_date(0) as _date,
    line.business_date as date,
    receipt.store_id as store,
    cast(receipt.till_no as varchar) as till,
    receipt.transaction_seq as receipt,
    line.line_seq as line,
    item_code(line.item_no) as item,
    line.qty as quantity,
    line.unit_price as shelf_price,
    line.amount,
    line.tax_amount as tax,
    line.unit_cost as cost,
    receipt.begin_at as sold_at
from line
inner join receipt using (business_date, receipt_no)
where line.day < 0
