-- Sales and returns are the tills' to tell: they are no movements here.
with movement as (
    select
        'W' as origin, day, store_no, item_no, movement_type, qty,
        cast(null as integer) as counterpart_no
    from replenishment
    where is_wanted_day(day)
    union all
    select 'M', day, store_no, item_no, movement_type, sum(qty), cast(counterpart_no as integer)
    from other_movement
    where is_wanted_day(day)
    group by all
    union all
    select 'S', day, store_no, item_no, movement_type, qty, null
    from story_move
    where is_wanted_day(day)
)
select
    day_date(day) as _date,
    concat_ws('-', origin, movement_type, store_no, item_no, day, counterpart_no) as movement,
    store.store_id as location,
    item.item_id as item,
    day_date(day) as date,
    day_date(day) + interval 5 hour as moved_at,
    movement_type as type,
    cast(qty as decimal(18, 3)) as quantity,
    item.unit_cost as cost,
    case when counterpart_no is not null then store_code(counterpart_no) end as counterpart,
    'D-' || store_no || '-' || day as document,
    case movement_type when 'adjust' then 'found' when 'damage' then 'broken'
        when 'shrink' then 'missing at count' end as reason,
    case when movement_type = 'receipt' then printf('V%03d', 1 + item_no % 20) end as supplier,
    case when movement_type = 'receipt' then 'PO-' || store_no || '-' || day end as "order",
    -- every tenth order comes two days after it was promised
    case when movement_type = 'receipt'
        then day_date(day - case when item_no % 10 = 0 then 2 else 0 end) end as promised
from movement
inner join item using (item_no)
inner join store using (store_no)
