with position as (
    select
        day_date(day_change.day) as business_date, day_change.store_no, day_change.item_no,
        day_change.day,
        base + day_change.running as on_hand
    from day_running as day_change
    inner join stock_base using (store_no, item_no)
    where day_change.day % 7 <> 6 and is_wanted_day(day_change.day)
    union all
    -- Brought to its base by the week's delivery, and not sold that day.
    select day_date(day), store_no, item_no, day, base
    from replenishment
    inner join stock_base using (store_no, item_no)
    anti join day_running using (store_no, item_no, day)
    where is_wanted_day(day)
    union all
    select day_date(day), store_no, item_no, day, on_hand
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
