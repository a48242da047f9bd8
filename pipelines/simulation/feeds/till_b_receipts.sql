select
    receipt.business_date as _date,
    delivery.part as _part,
    receipt.store_id as filiale,
    cast(receipt.till_no as varchar) as kasse,
    receipt.transaction_seq as bon,
    receipt.txn_type as art,
    receipt.begin_at as beginn,
    receipt.begin_at + interval 1 second * receipt.seconds as ende,
    receipt.txn_type = 'void' as abbruch,
    receipt.is_training as schulung,
    receipt.seed % 200 = 0 as offline,
    'E' || receipt.store_id[2:] || (1 + receipt.receipt_no % 5) as kassierer,
    receipt.channel as kanal,
    'EUR' as waehrung,
    receipt.customer_ref as kunde,
    case when receipt.customer_ref like 'C%' then 'L' || receipt.customer_ref[2:] end as karte,
    total.item_count as stueck,
    total.total_net as netto,
    money(total.total_tax) as steuer,
    total.total_gross as brutto,
    receipt.original_ref as urbeleg
from receipt
inner join total using (business_date, receipt_no)
inner join delivery
    on receipt.business_date = delivery.business_date and receipt.store_no = delivery.store_no
where
    receipt.till_system = 'b' and receipt.day >= 0 and is_wanted(receipt.business_date)
    and is_wanted(total.business_date)
