-- Stock of a store and item begins a week at its base, is eaten by the week, and comes back to the
-- base with the next week's first delivery: no running balance over the year is needed. Weeks run
-- with the window.
create table other_movement as
with place as (
    select
        day, store_no, share('item of move', day * 1000 + store_no, number) as chance,
        25 + cast(floor(chance * (getvariable('items') - 24)) as integer) as drawn_no
    from range(getvariable('days')) as days (day)
    cross join range(1, getvariable('stores') + 1) as stores (store_no)
    cross join range(getvariable('items') // 1000 + 1) as numbers (number)
)
select
    day, store_no,
    -- the neighbour in number stands in for what is out of place here, or where it is sent to
    drawn_no + case
        when is_out_of_place(drawn_no, store_no)
            or is_out_of_place(drawn_no, 1 + store_no % getvariable('stores')) then 1
        else 0
    end as item_no,
    movement_type, cast(quantity as decimal(18, 3)) as qty,
    case when movement_type = 'transfer_out'
        then 1 + store_no % getvariable('stores')
    end as counterpart_no
from place
cross join lateral (
    select
        unnest(['shrink', 'damage', 'adjust', 'rtv', 'transfer_out']) as movement_type,
        unnest([-1, -1, 1, -2, -3]) as quantity
)
where cast(floor(chance * 1000000) as bigint) % 5
    = case movement_type when 'shrink' then 0 when 'damage' then 1 when 'adjust' then 2
        when 'rtv' then 3 else 4 end;
insert into other_movement
select day, counterpart_no, item_no, 'transfer_in', -qty, store_no
from other_movement
where movement_type = 'transfer_out';

-- What took from the stock (minus) or brought to it (plus), without deliveries.
create view stock_change as
select
    line.store_no, line.item_no, line.day,
    -- of nine digits, as all quantities here: wider decimals are summed and cast far slower
    -signed(sign, qty) as qty
from line
inner join total using (receipt_no)
where total.is_counted and not line.is_void and line.day >= 0
    and line.line_type in ('sale', 'return')
    and line.foreign_item is null and line.item_no <> 24
    -- returned goods go back on the shelf, but for every fourth
    and (sign = 1 or line.receipt_no % 4 <> 0)
union all
select store_no, item_no, day, cast(qty as decimal(9, 3)) from other_movement;

-- Grain: store, item and week of the window that changed anything. `running` is what the week has
-- taken up to the end of each of its seven days, null before the first change; bit n of `changed`
-- is set when day n changed something.
create macro up_to(last_weekday, day, qty) as
    cast(sum(qty) filter (where day % 7 <= last_weekday) as decimal(9, 3));
create table week_change as
select
    store_no, item_no, week, changed, running, running[7] as qty, list_min(running) as lowest
from (
    select
        store_no, item_no, day // 7 as week, bit_or(1 << (day % 7)) as changed,
        [
            up_to(0, day, qty), up_to(1, day, qty), up_to(2, day, qty), up_to(3, day, qty),
            up_to(4, day, qty), up_to(5, day, qty), up_to(6, day, qty)
        ] as running
    from stock_change
    where item_no > 24
    group by store_no, item_no, day // 7
);

create table stock_base as
select
    coalesce(sold.store_no, ranged.store_no) as store_no,
    coalesce(sold.item_no, ranged.item_no) as item_no,
    cast(2 - coalesce(lowest, 0) + (coalesce(sold.item_no, ranged.item_no) * 7) % 5
        as decimal(9, 3)) as base
from (
    select store_no, item_no, min(lowest) as lowest
    from week_change
    group by store_no, item_no
) as sold
full join (
    select store_no, item_no
    from range(1, getvariable('stores') + 1) as stores (store_no)
    cross join range(25, getvariable('items') + 1) as items (item_no)
    where is_ranged(item_no, store_no) and not is_out_of_place(item_no, store_no)
) as ranged
    on sold.store_no = ranged.store_no and sold.item_no = ranged.item_no;

-- What a week brought beyond its sales goes back to the vendor.
create view replenishment as
select
    store_no, item_no, (week + 1) * 7 as day, -qty as qty,
    case when qty < 0 then 'receipt' else 'rtv' end as movement_type
from week_change
where (week + 1) * 7 < getvariable('days') and qty <> 0;

-- The items of the stories have no weekly delivery. They open with what they will sell and what
-- shall be left; what is brought or found out between is written down here.
create table story_stock (plant text, store_no integer, item_no integer, left_over decimal(18, 3));
insert into story_stock values
    ('snow_boots_in_heat', 1, 3, 40), ('snow_boots_in_heat', 3, 3, 2), ('transfer', 1, 5, 2),
    ('transfer', 2, 5, 200), ('phantom_stock', 1, 4, 5), ('stock_out', 1, 7, 6),
    ('shrink', 1, 16, 10), ('sunscreen', 1, 15, 12), ('transfer_too_small', 2, 7, 12);

create table story_move (
    plant text, day integer, store_no integer, item_no integer, movement_type text,
    qty decimal(18, 3)
);
insert into story_move
select 'stock_out', 35, 1, 7, 'receipt', 6 - sum(qty)
from stock_change
where item_no = 7 and store_no = 1 and day >= 35;
insert into story_move values
    ('shrink', 20, 1, 16, 'shrink', -8);

create table story_position as
with change as (
    select store_no, item_no, day, qty from stock_change where item_no <= 24
    union all
    select store_no, item_no, day, qty from story_move
),
pair as (
    select store_no, item_no from change
    union
    select store_no, item_no from story_stock
),
opening as (
    select
        pair.store_no, pair.item_no,
        case
            when pair.item_no = 7 and pair.store_no = 1
                then -sum(qty) filter (where day < 25)
            else coalesce(max(left_over), 4) - coalesce(sum(qty), 0)
        end as opening
    from pair
    left join change using (store_no, item_no)
    left join story_stock on story_stock.store_no = pair.store_no
        and story_stock.item_no = pair.item_no
    group by pair.store_no, pair.item_no
)
select
    opening.store_no, opening.item_no, days.day,
    opening.opening
        + coalesce(sum(change.qty) over (
            partition by opening.store_no, opening.item_no order by days.day
        ), 0)
        -- thirty bottles appear in the books of the phantom item, and no movement says why
        + case when opening.item_no = 4 and opening.store_no = 1
            and days.day >= getvariable('days') - 21 then 30 else 0 end as on_hand
from opening
cross join range(-1, getvariable('days')) as days (day)
left join (
    select store_no, item_no, day, sum(qty) as qty from change group by all
) as change
    on change.store_no = opening.store_no and change.item_no = opening.item_no
    and change.day = days.day;
