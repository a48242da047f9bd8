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
    receipt.store_id as store,
    cast(receipt.till_no as varchar) as till,
    receipt.transaction_seq as receipt,
    modifier.business_date as business_date,
    modifier.line_seq as line,
    1 as modifier,
    modifier.scope as scope,
    modifier.amount as amount,
    modifier.promotion_id as promotion,
    case when modifier.scope = 'basket' then 'THANKS5' end as coupon,
    modifier.method as method,
    modifier.reason as reason
from modifier
inner join receipt using (business_date, receipt_no)
inner join delivery
    on modifier.business_date = delivery.business_date and modifier.store_no = delivery.store_no
where
    receipt.till_system = 'a' and receipt.day >= 0 and is_wanted(receipt.business_date)
