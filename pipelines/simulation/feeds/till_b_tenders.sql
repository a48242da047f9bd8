select
    tender.business_date as _date,
    delivery.part as _part,
    receipt.store_id as filiale,
    cast(receipt.till_no as varchar) as kasse,
    receipt.transaction_seq as bon,
    tender.tender_seq as nummer,
    tender.tender_type as zahlart,
    tender.amount as betrag,
    tender.change_amount as rueckgeld,
    case when tender.tender_type = 'foreign' then 'NOK' else 'EUR' end as waehrung,
    case when tender.tender_type = 'foreign' then 0.087500 end as kurs,
    case when tender.tender_type = 'card' then pick(['girocard', 'mastercard', 'visa'], 'brand',
        tender.receipt_no) end as marke,
    case when receipt.plant = 'canary' then 'tok_canary_7f3a'
        -- letters alone: among many tokens some digits would pass for a card's
        when tender.tender_type = 'card'
            then 'tok_' || translate(printf('%x', hash(tender.seed)), '0123456789', 'ghijklmnop')
        end as token,
    case when tender.tender_type = 'card' then printf('%06d', tender.seed % 1000000) end
        as freigabe,
    tender.due < 0 as erstattung
from tender
inner join receipt using (business_date, receipt_no)
inner join delivery
    on tender.business_date = delivery.business_date and tender.store_no = delivery.store_no
where
    receipt.till_system = 'b' and receipt.day >= 0 and is_wanted(receipt.business_date)
    and is_wanted(tender.business_date)
