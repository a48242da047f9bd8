with position as (
    select
        day_date(weeks.week * 7 + 6) as business_date, stock_base.store_no, stock_base.item_no,
        base + coalesce(week_change.qty, 0) as on_hand
    from stock_base
    cross join range(-1, getvariable('days') // 7) as weeks (week)
    left join week_change
        on week_change.store_no = stock_base.store_no and week_change.item_no = stock_base.item_no
        and week_change.week = weeks.week
    union all
    select day_date(day), store_no, item_no, on_hand
    from story_position
    where day % 7 = 6 or day = -1
)

select
    position.business_date as _date,
    store_code(position.store_no) as location,
    item_code(position.item_no) as item,
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
