select
    day_date(day // 7 * 7) as _date, partner, day_date(day) as date, item_code(8) as item,
    cast(units as decimal(9, 3)) as units,
    money(units * 500) as amount
from range(getvariable('days')) as days (day)
cross join (values ('DEALER-1', 2), ('DEALER-2', 1)) as partners (partner, units)
