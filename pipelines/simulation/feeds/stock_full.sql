with position as (
    select
        day_date(weeks.week * 7 + 6) as business_date, stock_base.store_no, stock_base.item_no,
        base + coalesce(week_change.qty, 0.000) as on_hand
    from stock_base
    cross join (
        select week from range(-1, getvariable('days') // 7) as weeks (week)
        where is_wanted_day(week * 7 + 6)
    ) as weeks
    left join week_change
        on week_change.store_no = stock_base.store_no and week_change.item_no = stock_base.item_no
        and week_change.week = weeks.week
        and is_wanted_day(week_change.week * 7 + 6)
    union all
    select day_date(day), store_no, item_no, cast(on_hand as decimal(9, 3))
    from story_position
    where (day % 7 = 6 or day = -1) and is_wanted_day(day)
)

select
    position.business_date as _date,
    store.store_id as location,
    item.item_id as item,
    cast(position.on_hand as decimal(18, 3)) as on_hand,
    cast(greatest(0, position.on_hand) as decimal(18, 3)) as available,
    cast(0 as decimal(18, 3)) as reserved,
    cast(0 as decimal(18, 3)) as in_transit,
    cast(0 as decimal(18, 3)) as damaged,
    item.unit_cost,
    item.price as retail_price,
    true as ranged,
    cast(2 as decimal(18, 3)) as presentation_min,
    cast(1 as decimal(18, 3)) as safety_stock
from position
inner join item using (item_no)
inner join store using (store_no)
