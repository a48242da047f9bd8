select
    line.business_date as _date,
    delivery.part as _part,
    receipt.store_id as store,
    cast(receipt.till_no as varchar) as till,
    receipt.transaction_seq as receipt,
    line.business_date as business_date,
    line.line_seq as line,
    line.line_type as type,
    line.is_void as void,
    coalesce(line.foreign_item, item_code(line.item_no)) as item,
    case when line.foreign_item is not null then null
        when line.is_weighed then weighed_gtin14(line.item_no, line.amount * 100)
        else gtin14(printf('0400%09d', line.item_no * 7919)) end as barcode,
    case when line.is_weighed then 'weighed' when line.chance < 0.02 then 'keyed' else 'scanned' end
        as entry,
    cast(line.sign * line.qty as decimal(9, 3)) as quantity,
    case when line.is_weighed then 'kg' else 'each' end as unit,
    line.unit_price as shelf_price,
    cast(line.amount / line.qty as decimal(12, 4)) as paid_price,
    money(line.sign * line.amount) as amount,
    line.discount_amount as discount,
    money(line.sign * line.tax_amount) as tax,
    line.unit_cost as cost,
    receipt.begin_at + interval 1 second * (6 * line.line_seq) as sold_at,
    receipt.customer_ref as customer,
    receipt.channel as channel,
    case when line.promotion_no is not null
        then promotion_code(line.day // 7, line.promotion_no) end as promotion,
    line.serial_no as serial,
    case when line.sign < 0 then 'changed mind' end as reason,
    original.store_id as original_store,
    cast(original.till_no as varchar) as original_till,
    original.transaction_seq as original_receipt,
    original.business_date as original_date,
    original.line_seq as original_line,
    case when line.sign < 0 then line.receipt_no % 4 <> 0 end as restock,
    printf('E%03d%d', line.store_no, 1 + line.receipt_no % 5) as seller
from line
inner join receipt using (business_date, receipt_no)
inner join delivery
    on line.business_date = delivery.business_date and line.store_no = delivery.store_no
left join original_line as original
    on line.business_date = original.return_date and line.receipt_no = original.receipt_no
    and line.line_type = 'return'
where receipt.till_system = 'a' and line.day >= 0
