-- The sound dealer holds 14 days of stock, the overstocked one 140.
select
    day_date(day // 7 * 7) as _date, partner, day_date(day) as date, item_code(8) as item,
    cast(units as decimal(9, 3)) as units
from range(getvariable('days')) as days (day)
cross join (values ('DEALER-1', 28), ('DEALER-2', 140)) as partners (partner, units)
