-- Shelf prices hold the tax; the tills write them without.
select
    day_date(case step when 0 then 0 else getvariable('days') // 2 end) as _date,
    item_code(item_no) as item,
    '*' as store,
    price_zone,
    'regular' as kind,
    day_date(case step when 0 then 0 else getvariable('days') // 2 end) as valid_from,
    case step when 0 then day_date(getvariable('days') // 2 - 1) end as valid_to,
    money(item_price.price * (1 + item.tax_rate)) as price,
    'EUR' as currency
from item_price
inner join item using (item_no)
union all
select
    day_date(week * 7), item_code(6), store_code(store_no), '*', 'promo', day_date(week * 7),
    day_date(week * 7 + 6), money(1.60 * 1.07), 'EUR'
from range(getvariable('days') // 7) as weeks (week)
cross join (values (1), (2)) as places (store_no)
where (week + store_no) % 2 = 0
