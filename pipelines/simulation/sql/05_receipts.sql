-- Grain of receipt: one row per receipt; numbers have no gap within till and business date.
-- Monday is 0.
create macro weekday_of(chance) as case
    when chance < 0.12 then 0 when chance < 0.24 then 1 when chance < 0.37 then 2
    when chance < 0.51 then 3 when chance < 0.68 then 4 when chance < 0.88 then 5 else 6
end;
-- A store by chance: the first sell about twice as much as the last.
create macro some_store(chance) as
    1 + cast(floor(pow(chance, 1.2) * getvariable('stores')) as integer);

-- A whole number of weeks after the first day.
create macro trend_break_day() as getvariable('days') * 2 // 3 // 7 * 7;

create table natural_receipt as
with spender as (
    select
        purchase.day, purchase.seed, purchase.customer_no,
        whole_gamma('spend', purchase.seed, getvariable('p_spend')) / customer.spend_scale
            as wanted_amount,
        case
            when share('away', purchase.seed, 0) < 0.85 then customer.home_store_no
            else some_store(share('where', purchase.seed, 0))
        end as store_no
    from purchase
    inner join customer using (customer_no)
),
-- Strangers fill the tills up to the lines that were asked for.
stranger_count as (
    select greatest(
        getvariable('lines') // 100,
        cast((getvariable('lines') - sum(least(60, greatest(1, round(wanted_amount / 7))))) / 9.5
            as bigint)
    ) as strangers
    from spender
),
stranger as (
    select
        cast(floor(share('day', number, 0) * getvariable('days')) as integer) as day,
        hash(getvariable('seed'), 'stranger', number) as seed,
        cast(null as integer) as customer_no,
        -7 * 9.5 * ln(1 - share('amount', number, 0)) as wanted_amount,
        some_store(share('store', number, 0)) as store_no
    from (select unnest(range(strangers)) as number from stranger_count)
),
visit as (
    select * from spender union all select * from stranger
),
-- Within its week each visit falls on a day by the week's own weight, so that Saturdays are full
-- and the waiting times of the customers stay what they were drawn as, to a few days.
dated as (
    select
        * exclude (day),
        least(last_day(), day // 7 * 7 + (
            weekday_of(share('weekday', seed, 0)) + 8
            - cast(isodow(getvariable('first_date')) as integer)
        ) % 7) as day
    from visit
),
placed as (
    select
        * exclude (store_no),
        case
            when store_no = getvariable('stores')
                and day between getvariable('remodel_first') and getvariable('remodel_last') then 1
            -- from here on half of those who would buy in store 2 go to store 1
            when store_no = 2 and day >= trend_break_day() and share('road', seed, 0) < 0.5 then 1
            else store_no
        end as store_no
    from dated
),
drawn as (
    select
        day, seed, store_no, customer_no,
        -- system b sells past midnight now and then: the business day goes on until four
        case
            when store_no % 2 = 0 and share('late', seed, 0) < 0.01
                then 1440 + cast(floor(share('minute', seed, 0) * 90) as integer)
            else 480 + cast(floor((share('minute', seed, 0) + share('minute', seed, 1)) / 2 * 839)
                as integer)
        end as minute,
        least(60, greatest(1, cast(round(wanted_amount / 7) as integer))) as line_count,
        case
            when customer_no is not null then 'sale'
            when share('kind', seed, 0) < 0.02 then 'void'
            when share('kind', seed, 0) < 0.03 then 'no_sale'
            when share('kind', seed, 0) < 0.035 then 'suspend'
            else 'sale'
        end as txn_type,
        customer_no is null and share('kind', seed, 0) > 0.99 as is_training,
        case when share('channel', seed, 0) < 0.03 then 'web'
            when share('channel', seed, 0) < 0.04 then 'app' else 'store' end as channel
    from placed
)
select * from drawn
union all
-- An open store sells something each day, or the day would look like one that never arrived.
select
    day, hash(getvariable('seed'), 'quiet day', store_no, day), store_no, null, 720, 1, 'sale', false,
    'store'
from range(getvariable('days')) as days (day)
cross join range(1, getvariable('stores') + 1) as stores (store_no)
where not exists (
    select 1 from drawn
    where drawn.day = days.day and drawn.store_no = stores.store_no
        and drawn.txn_type = 'sale' and not drawn.is_training
)
and not (
    store_no = getvariable('stores')
    and day between getvariable('remodel_first') and getvariable('remodel_last')
);

-- How far a store's clock is from UTC while it is open: clocks change at two in the night, when
-- nobody sells. Asked once a store and day, for time zones cost most of a receipt's time.
create table clock as
select
    store_no, day,
    utc_of(day_date(day), 43200, time_zone) - (day_date(day) + interval 12 hour) as to_utc
from store
cross join range(-371, getvariable('days')) as days (day);

create table receipt as
with every_receipt as (
    select
        day, seed, store_no, customer_no, minute, line_count, txn_type, is_training, channel,
        cast(null as text) as plant, cast(null as text) as ref, cast(null as text) as tender,
        cast(null as text) as original_ref,
        1 + cast(share('till', seed, 0) * 1000 as integer) % 2 as till_no
    from natural_receipt
    union all
    select
        day, hash(getvariable('seed'), 'story', ref), store_no, max(customer_no), max(minute),
        count(*), coalesce(max(txn_type), 'sale'), coalesce(bool_or(is_training), false),
        coalesce(max(channel), 'store'), min(plant), ref, max(tender), max(original_ref), 1
    from story_line
    group by day, store_no, ref
)
select
    row_number() over (order by day, store_no, till_no, minute, seed % 60, seed) as receipt_no,
    cast(row_number() over (
        partition by day, store_no, till_no order by minute, seed % 60, seed
    ) as integer) as transaction_seq,
    day_date(day) as business_date,
    store.store_id,
    store.till_system,
    till_no,
    customer.customer_ref,
    day_date(day) + interval 1 second * (minute * 60 + cast(seed % 60 as integer)) + to_utc
        as begin_at,
    20 + 6 * line_count as seconds,
    every_receipt.* exclude (till_no)
from every_receipt
inner join store using (store_no)
inner join clock using (store_no, day)
left join customer using (customer_no)
-- in the order of dates, so that a date is found by zone maps
order by receipt_no;
