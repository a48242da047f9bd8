-- Four people come in for each receipt of the half-hour, and one. Store 1's sensor is dead on
-- day 8.
with visited as (
    select
        business_date, day, store_no,
        cast(extract(hour from local_at) * 2 + extract(minute from local_at) // 30 as integer)
            as half_hour,
        count(*) as receipts
    from (
        select receipt.*, timezone(store.time_zone, timezone('UTC', begin_at)) as local_at
        from receipt
        inner join store using (store_no)
        where receipt.day >= 0
    )
    group by all
)
select
    day_date(days.day) as _date,
    store.store_id as store,
    half_hours.half_hour,
    case when store.store_no = 1 and days.day = 8 then 0 else 1 + 4 * coalesce(receipts, 0) end
        as people_in,
    case when store.store_no = 1 and days.day = 8 then 0 else 1 + 4 * coalesce(receipts, 0) end
        as people_out,
    not (store.store_no = 1 and days.day = 8) as sensor
from store
cross join range(getvariable('days')) as days (day)
cross join range(16, 44) as half_hours (half_hour)
left join visited
    on visited.store_no = store.store_no and visited.day = days.day
    and visited.half_hour = half_hours.half_hour
where not (store.store_no = getvariable('stores')
    and days.day between getvariable('remodel_first') and getvariable('remodel_last'))
