-- The rival is 10 % dearer on crisps and 10 % cheaper on olive oil, every week.
select
    day_date(week * 7) as _date, 'Rival' as competitor, item_code(item_no) as item, '*' as store,
    money(price * (1 + tax_rate) * factor) as price, false as offer
from range(getvariable('days') // 7) as weeks (week)
cross join (values (17, 1.10), (4, 0.90)) as factors (number, factor)
inner join item on item.item_no = factors.number
