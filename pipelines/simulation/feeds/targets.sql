-- The target of each store and day is what all stores sell on average; store 1 alone has the same
-- round target every day, so that its attainment can be worked out by hand.
select
    day_date(0) as _date,
    store_id as store,
    day_date(day) as date,
    metric,
    case when store_no = 1 then case metric when 'net_sales' then money(1000) else money(20) end
        when metric = 'net_sales'
        then money(7.0 * getvariable('lines') / getvariable('days') / getvariable('stores'))
        else money(0.1 * getvariable('lines') / getvariable('days') / getvariable('stores'))
    end as value
from store
cross join range(getvariable('days')) as days (day)
cross join (values ('net_sales'), ('receipts')) as metrics (metric)
