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
    coalesce(line.foreign_item, item.item_id) as item,
    -- A label tells the price before discounts.
    case when line.foreign_item is not null then null
        when line.is_weighed
            then weighed_gtin14(line.item_no, (line.amount + line.discount_amount) * 100)
        else item.gtin end as barcode,
    case when line.is_weighed then 'weighed' when line.chance < 0.02 then 'keyed' else 'scanned' end
        as entry,
    signed(line.sign, line.qty) as quantity,
    case when line.is_weighed then 'kg' else 'each' end as unit,
    line.unit_price as shelf_price,
    cast(line.amount / line.qty as decimal(12, 4)) as paid_price,
    signed(line.sign, line.amount) as amount,
    line.discount_amount as discount,
    signed(line.sign, line.tax_amount) as tax,
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
    'E' || receipt.store_id[2:] || (1 + line.receipt_no % 5) as seller
from line
inner join receipt using (business_date, receipt_no)
inner join item on line.item_no = item.item_no
inner join delivery
    on line.business_date = delivery.business_date and line.store_no = delivery.store_no
left join original_line as original
    on case when line.line_type = 'return' then line.receipt_no end = original.receipt_no
where
    receipt.till_system = 'a' and receipt.day >= 0 and is_wanted(receipt.business_date)
    and is_wanted(line.business_date)
