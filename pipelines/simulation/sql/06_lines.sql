-- Grain of line: one row per receipt line, amounts unsigned as rung, `sign` -1 for a return.
-- How many lines there are shows only once they are unnested. Guessing few, the optimiser would
-- hold all of them in memory to look up the few promotions.
set disabled_optimizers = 'build_side_probe_side';
create table line as
with natural_line as (
    select
        receipt.receipt_no, receipt.business_date, receipt.day, receipt.store_no, receipt.seed,
        receipt.txn_type,
        cast(extract(month from receipt.business_date) as integer) as month,
        cast(unnest(range(1, receipt.line_count + 1)) as integer) as line_seq
    from receipt
    where receipt.plant is null and receipt.txn_type in ('sale', 'void')
),
wish as (
    select
        *,
        carried(25 + cast(floor(pow(share('item', seed, line_seq), 2.5)
            * (getvariable('items') - 24)) as integer), store_no) as wish_no,
        share('chance', seed, line_seq) as chance
    from natural_line
),
chosen as (
    select
        receipt_no, business_date, day, store_no, line_seq, chance, txn_type, seed,
        -- the neighbour in number stands in for what is out of place or season
        wish_no + case
            when is_out_of_place(wish_no, store_no) or not is_in_season(wish_no, month) then 1
            else 0
        end as item_no
    from wish
),
every_line as (
    select
        receipt_no, business_date, day, store_no, line_seq, item_no, chance, seed,
        cast(null as decimal(9, 3)) as planted_qty,
        'sale' as line_type,
        txn_type = 'void' or chance between 0.300 and 0.302 as is_void,
        cast(null as text) as serial_no, cast(null as text) as foreign_item
    from chosen
    union all
    select
        receipt.receipt_no, receipt.business_date, receipt.day, receipt.store_no,
        cast(row_number() over (
            partition by receipt.receipt_no order by story_line.item_no, story_line.line_type
        ) as integer),
        story_line.item_no, 0.5, null, story_line.qty, coalesce(story_line.line_type, 'sale'),
        coalesce(story_line.is_void, false), story_line.serial_no, story_line.foreign_item
    from story_line
    inner join receipt
        on story_line.ref = receipt.ref
        and story_line.store_no = receipt.store_no and story_line.day = receipt.day
),
priced as (
    select
        every_line.* exclude (seed, planted_qty),
        cast(case
            when planted_qty is not null then planted_qty
            when item.is_weighed then 0.1 + 2 * share('weight', seed, line_seq)
            when chance > 0.95 then 3 when chance > 0.80 then 2 else 1
        end as decimal(9, 3)) as qty,
        item.unit_cost, item.tax_rate, item.is_weighed, item.role,
        -- narrow enough that a quantity times a price fits into 18 digits
        cast(case
            when item.role = 'price_point' and (every_line.day // 7 + every_line.store_no) % 2 = 0
                then 1.60
            else item_price.price
        end as decimal(9, 2)) as unit_price,
        case when item.role is null or item.role = 'newborn' then coverage.promotion_no end
            as promotion_no
    from every_line
    inner join item using (item_no)
    inner join item_price
        on every_line.item_no = item_price.item_no
        and item_price.price_zone = case when every_line.store_no % 3 = 0 then 'Z2' else 'Z1' end
        and item_price.step = case when every_line.day >= getvariable('days') // 2 then 1 else 0 end
    left join coverage
        on every_line.item_no = coverage.item_no and every_line.store_no = coverage.store_no
        and case when every_line.day >= 0 then every_line.day // 7 else -1 end = coverage.week
),
rung as (
    select
        *,
        case when line_type = 'return' then -1 else 1 end as sign,
        money(qty * unit_price) as gross_amount,
        money(case
            when promotion_no is not null then 0.2 * money(qty * unit_price)
            when chance < 0.002 and role is null then 0.1 * money(qty * unit_price)
            else 0 end) as discount_amount
    from priced
)
select
    receipt_no, business_date, day, store_no, line_seq, item_no, qty, line_type, is_void, serial_no,
    foreign_item, unit_price, unit_cost, is_weighed, promotion_no, sign, gross_amount,
    discount_amount,
    money(gross_amount - discount_amount) as amount,
    money((gross_amount - discount_amount) * tax_rate) as tax_amount,
    chance
from rung;
reset disabled_optimizers;

-- Returns of natural customers name the receipt that sold the goods. They come on receipts of their
-- own, through a till that is kept for them.
create table returned as
select
    line.receipt_no as original_receipt_no, line.line_seq as original_line_seq, line.item_no,
    line.qty, line.unit_price, line.unit_cost, line.is_weighed, line.gross_amount,
    line.discount_amount, line.amount, line.tax_amount, line.store_no, original.customer_no,
    original.customer_ref, original.till_no as original_till_no,
    original.transaction_seq as original_transaction_seq,
    original.business_date as original_business_date,
    line.day + 2 + cast(floor(share('back', line.receipt_no, line.line_seq) * 19) as integer) as day
from line
inner join receipt as original on line.receipt_no = original.receipt_no
where
    original.plant is null and original.customer_no is not null
    and not line.is_void and not line.is_weighed
    and share('returns', line.receipt_no, line.line_seq) < 0.008
    and line.store_no <> getvariable('stores');
delete from returned where day > last_day();

create table return_receipt as
select
    returned.*,
    (select max(receipt_no) from receipt)
        + row_number() over (order by day, store_no, original_receipt_no, original_line_seq)
        as receipt_no,
    cast(row_number() over (
        partition by day, store_no order by original_receipt_no, original_line_seq
    ) as integer) as transaction_seq
from returned;

insert into receipt by name
select
    receipt_no, transaction_seq, day_date(day) as business_date, store.store_id, store.till_system,
    9 as till_no, customer_ref,
    utc_of(day_date(day), 36000 + transaction_seq * 240, store.time_zone) as begin_at,
    60 as seconds, day, hash(getvariable('seed'), 'return', receipt_no) as seed, store_no,
    customer_no, cast(600 + transaction_seq * 4 as integer) as minute, 1 as line_count,
    'return' as txn_type, false as is_training, 'store' as channel,
    format('{}-{}-{}-{}', store.store_id, original_till_no, original_business_date,
        original_transaction_seq) as original_ref
from return_receipt
inner join store using (store_no);

insert into line by name
select
    receipt_no, day_date(day) as business_date, day, store_no, 1 as line_seq, item_no, qty,
    'return' as line_type, false as is_void, unit_price, unit_cost, is_weighed, -1 as sign,
    gross_amount, discount_amount, amount, tax_amount, 0.5 as chance
from return_receipt;

-- The line that a return refers to; a story names the receipt, a natural return the line.
create table original_line as
select
    return_receipt.receipt_no, day_date(return_receipt.day) as return_date, receipt.store_id,
    receipt.till_no, receipt.transaction_seq, receipt.business_date,
    return_receipt.original_line_seq as line_seq
from return_receipt
inner join receipt on return_receipt.original_receipt_no = receipt.receipt_no
union all
select
    receipt.receipt_no, receipt.business_date, original.store_id, original.till_no,
    original.transaction_seq, original.business_date, 1
from receipt
inner join receipt as original on receipt.original_ref = original.ref;

-- A story names the receipt it takes back by its ref; the till writes the receipt's own number.
update receipt
set original_ref = format('{}-{}-{}-{}', original_line.store_id, original_line.till_no,
    original_line.business_date, original_line.transaction_seq)
from original_line
where receipt.receipt_no = original_line.receipt_no and receipt.plant is not null;
