select
    day_date(day // 7 * 7) as _date,
    store_id as store,
    day_date(day) as date,
    department,
    cast(hours as decimal(9, 3)) as hours,
    money(hours * 18.5) as cost
from store
cross join range(getvariable('days')) as days (day)
cross join (values ('tills', 24), ('shelves', 16)) as departments (department, hours)
where not (store_no = getvariable('stores')
    and day between getvariable('remodel_first') and getvariable('remodel_last'))
