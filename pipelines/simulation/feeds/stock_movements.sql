-- Sales and returns are the tills' to tell: they are no movements here.
with movement as (
    select day, store_no, item_no, 'receipt' as movement_type, qty, cast(null as integer) as counterpart_no
    from stock_receipt
    union all
    select day, store_no, item_no, movement_type, qty, cast(counterpart_no as integer)
    from other_movement
    union all
    select day, store_no, item_no, movement_type, qty, null
    from story_move
)
select
    day_date(day) as _date,
    printf('%s-%d-%d-%d-%d', movement_type, store_no, item_no, day,
        row_number() over (
            partition by movement_type, store_no, item_no, day order by counterpart_no, qty
        )) as movement,
    store_code(store_no) as location,
    item_code(item_no) as item,
    day_date(day) as date,
    day_date(day) + interval 5 hour as moved_at,
    movement_type as type,
    cast(qty as decimal(18, 3)) as quantity,
    item.unit_cost as cost,
    case when counterpart_no is not null then store_code(counterpart_no) end as counterpart,
    printf('D-%d-%d', store_no, day) as document,
    case movement_type when 'adjust' then 'found' when 'damage' then 'broken'
        when 'shrink' then 'missing at count' end as reason,
    case when movement_type = 'receipt' then printf('V%03d', 1 + item_no % 20) end as supplier,
    case when movement_type = 'receipt' then printf('PO-%d-%d', store_no, day) end as "order",
    -- every tenth order comes two days after it was promised
    case when movement_type = 'receipt'
        then day_date(day - case when item_no % 10 = 0 then 2 else 0 end) end as promised
from movement
inner join item using (item_no)
