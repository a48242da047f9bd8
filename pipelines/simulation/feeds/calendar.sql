select
    day_date(0) as _date,
    store_id as store,
    days.date as date,
    not (store_no = getvariable('stores')
        and days.day between getvariable('remodel_first') and getvariable('remodel_last')) as open,
    case when days.date in (date '2024-01-01', date '2024-12-25') then 'public holiday' end
        as holiday,
    case when store_no = getvariable('stores')
        and days.day between getvariable('remodel_first') and getvariable('remodel_last')
        then 'remodelling' end as reason
from (select day, day_date(day) as date from range(getvariable('days')) as days (day)) as days
cross join store
