with modifier as (
    select
        business_date, receipt_no, store_no, day, line_seq, 'line' as scope,
        discount_amount as amount,
        case when promotion_no is not null then promotion_code(day // 7, promotion_no) end
            as promotion_id,
        case when promotion_no is null then 'override' else 'pct' end as method,
        case when promotion_no is null then 'pack damaged' end as reason
    from line
    where discount_amount > 0 and sign > 0 and is_wanted(business_date)
    union all
    select
        business_date, receipt_no, store_no, day, 0, 'basket', basket_discount, null, 'pct', null
    from total
    where basket_discount > 0 and is_wanted(business_date)
)
select
    modifier.business_date as _date,
    delivery.part as _part,
    receipt.store_id as filiale,
    cast(receipt.till_no as varchar) as kasse,
    receipt.transaction_seq as bon,
    modifier.line_seq as zeile,
    1 as nummer,
    modifier.scope as ebene,
    modifier.amount as betrag,
    modifier.promotion_id as aktion,
    case when modifier.scope = 'basket' then 'THANKS5' end as gutschein,
    modifier.method as weise,
    modifier.reason as grund
from modifier
inner join receipt using (business_date, receipt_no)
inner join delivery
    on modifier.business_date = delivery.business_date and modifier.store_no = delivery.store_no
where
    receipt.till_system = 'b' and receipt.day >= 0 and is_wanted(receipt.business_date)
