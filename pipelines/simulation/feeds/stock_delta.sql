with position as (
    select
        day_date(week * 7 + weekday) as business_date, store_no, item_no,
        base + running[weekday + 1] as on_hand
    from week_change
    inner join stock_base using (store_no, item_no)
    cross join range(6) as weekdays (weekday)
    where changed & (1 << weekday) <> 0 and is_wanted_day(week * 7 + weekday)
    union all
    -- Brought to its base by the week's delivery, and not sold that day.
    select day_date(day), store_no, item_no, base
    from replenishment
    inner join stock_base using (store_no, item_no)
    anti join (
        select store_no, item_no, week * 7 as day from week_change where changed & 1 <> 0
    ) as changed using (store_no, item_no, day)
    where is_wanted_day(day)
    union all
    select day_date(day), store_no, item_no, cast(on_hand as decimal(9, 3))
    from story_position
    where day >= 0 and day % 7 <> 6 and is_wanted_day(day)
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
