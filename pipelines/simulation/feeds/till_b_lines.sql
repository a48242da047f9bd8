select
    line.business_date as _date,
    delivery.part as _part,
    receipt.store_id as filiale,
    cast(receipt.till_no as varchar) as kasse,
    receipt.transaction_seq as bon,
    line.line_seq as zeile,
    line.line_type as art,
    line.is_void as storno,
    -- one receipt in fifty has its item numbers padded
    case when line.receipt_no % 50 = 0 then ' ' else '' end
        || coalesce(line.foreign_item, item.item_id) as artikel,
    case when line.foreign_item is not null then null
        when line.is_weighed
            then weighed_gtin14(line.item_no, (line.amount + line.discount_amount) * 100)
        else item.gtin end as ean,
    case when line.is_weighed then 'weighed' when line.chance < 0.02 then 'keyed' else 'scanned' end
        as erfassung,
    signed(line.sign, line.qty) as menge,
    case when line.is_weighed then 'kg' else 'each' end as einheit,
    line.unit_price as regalpreis,
    cast(line.amount / line.qty as decimal(12, 4)) as preis,
    signed(line.sign, line.amount) as betrag,
    line.discount_amount as rabatt,
    signed(line.sign, line.tax_amount) as steuer,
    line.unit_cost as einstand,
    receipt.begin_at + interval 1 second * (6 * line.line_seq) as zeit,
    receipt.customer_ref as kunde,
    receipt.channel as kanal,
    case when line.promotion_no is not null
        then promotion_code(line.day // 7, line.promotion_no) end as aktion,
    line.serial_no as seriennummer,
    case when line.sign < 0 then 'changed mind' end as grund,
    original.store_id as urfiliale,
    cast(original.till_no as varchar) as urkasse,
    original.transaction_seq as urbon,
    original.business_date as urdatum,
    original.line_seq as urzeile,
    case when line.sign < 0 then line.receipt_no % 4 <> 0 end as zurueck,
    'E' || receipt.store_id[2:] || (1 + line.receipt_no % 5) as verkaeufer,
    'Größe ' || line.item_no % 7 || ', Café' as bezeichnung
from line
inner join receipt using (business_date, receipt_no)
inner join item on line.item_no = item.item_no
inner join delivery
    on line.business_date = delivery.business_date and line.store_no = delivery.store_no
left join original_line as original
    on case when line.line_type = 'return' then line.receipt_no end = original.receipt_no
where
    receipt.till_system = 'b' and receipt.day >= 0 and is_wanted(receipt.business_date)
    and is_wanted(line.business_date)
