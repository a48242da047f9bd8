-- Every value follows from a hash of the seed and of its place: no random state, so one seed is
-- one retailer on one version of DuckDB.
-- The hash of several values only XORs the last one in, so that draws which differ in `part` alone
-- would hang together; the second hash parts them.
create macro share(stream, place, part) as
    (hash(hash(getvariable('seed'), stream, place, part)) >> 11) / 9007199254740992.0;
-- A draw of an exponential distribution with mean 1; the share is never 1, so the logarithm exists.
create macro exponential(stream, place, part) as -ln(1 - share(stream, place, part));
create macro day_date(day) as getvariable('first_date') + cast(day as integer);
create macro day_of(some_date) as cast(some_date - getvariable('first_date') as integer);
-- The business dates that are written now: a big feed is written some weeks at a time.
create macro is_wanted(business_date) as
    business_date between day_date(getvariable('wanted_first'))
        and day_date(getvariable('wanted_last'));
create macro is_wanted_day(day) as
    day between getvariable('wanted_first') and getvariable('wanted_last');
create macro pick(list, stream, place) as
    list[1 + cast(floor(share(stream, place, 0) * len(list)) as integer)];
create macro store_code(store_no) as printf('S%03d', store_no);
-- Leading zeros: a reader that takes item numbers for numbers loses them.
create macro item_code(item_no) as printf('%06d', item_no);
create macro money(amount) as cast(amount as decimal(12, 2));
-- Not times the sign: a product of two decimals is wide, and wide decimals cost many times as much.
create macro signed(sign, amount) as case when sign = 1 then amount else -amount end;
-- Local wall clock to UTC. Minutes count from local midnight of the business date and may pass 1440.
create macro utc_of(business_date, second_of_day, zone) as
    timezone('UTC', timezone(zone, business_date + interval 1 second * second_of_day));

-- By arithmetic on the 13 digits before it: a list of characters would cost the lines minutes.
create macro gtin_odd_digits(body) as
    body % 10 + body // 100 % 10 + body // 10000 % 10 + body // 1000000 % 10
    + body // 100000000 % 10 + body // 10000000000 % 10 + body // 1000000000000 % 10;
create macro gtin_check_digit(body) as
    (10 - (3 * gtin_odd_digits(body) + gtin_odd_digits(body // 10)) % 10) % 10;
create macro gtin14(body) as printf('%014d', body * 10 + gtin_check_digit(body));
create macro item_gtin14(item_no) as
    gtin14(400000000000 + cast(item_no as bigint) * 7919);
-- A weighed pack's code holds its own price in cents: 2, a zero, the item's five digits, the price.
create macro weighed_gtin14(item_no, cents) as
    gtin14(200000000000 + item_no % 100000 * 100000 + least(99999, cast(cents as bigint)));

create table store as
select
    store_no,
    store_code(store_no) as store_id,
    -- the odd stores have tills of system a, the even ones of system b, all in one time zone
    case when store_no % 2 = 1 then 'a' else 'b' end as till_system,
    case
        when store_no % 2 = 0 then 'Europe/Berlin'
        when store_no % 4 = 1 then 'Atlantic/Canary'
        else 'Europe/Helsinki'
    end as time_zone,
    case
        when store_no % 2 = 0 then 'temperate' when store_no % 4 = 1 then 'hot' else 'cold'
    end as climate_zone,
    case when store_no % 2 = 0 then 'DE' when store_no % 4 = 1 then 'ES' else 'FI' end as country,
    case when store_no % 2 = 0 then 'Mitte' when store_no % 4 = 1 then 'Islas' else 'Pohjoinen' end
        as region,
    printf('District %d', (store_no - 1) // 5 + 1) as district,
    case when store_no % 2 = 0 then 'München' when store_no % 4 = 1 then 'Las Palmas'
        else 'Jyväskylä' end || printf(' %d', store_no) as store_name,
    case when store_no % 5 = 0 then 'hypermarket' else 'supermarket' end as format,
    printf('cluster %d', store_no % 4) as cluster,
    case when store_no % 3 = 0 then 'Z2' else 'Z1' end as price_zone,
    case when store_no % 2 = 0 then 'LE-DE' else 'LE-INT' end as legal_entity,
    date '2005-03-01' + cast(store_no * 30 as integer) as open_date,
    money(600 + (store_no * 370) % 2400) as selling_area_m2,
    2 + store_no % 4 as till_count
from range(1, getvariable('stores') + 1) as numbers (store_no);

create table category (
    category_no integer, level_1 text, level_2 text, level_3 text, base_price decimal(9, 2),
    tax_rate decimal(4, 2), is_weighed boolean
);
insert into category values
    (0, 'Food', 'Bakery', 'Bread', 2.80, 0.07, false),
    (1, 'Food', 'Dairy', 'Milk', 1.20, 0.07, false),
    (2, 'Food', 'Dairy', 'Cheese', 3.90, 0.07, false),
    (3, 'Food', 'Produce', 'Fruit', 2.60, 0.07, true),
    (4, 'Food', 'Produce', 'Vegetables', 2.10, 0.07, true),
    (5, 'Food', 'Meat', 'Fresh meat', 9.80, 0.07, true),
    (6, 'Food', 'Grocery', 'Pasta', 1.60, 0.07, false),
    (7, 'Food', 'Grocery', 'Canned goods', 1.90, 0.07, false),
    (8, 'Food', 'Frozen', 'Ready meals', 4.20, 0.07, false),
    (9, 'Drinks', 'Soft drinks', 'Water', 0.90, 0.19, false),
    (10, 'Drinks', 'Soft drinks', 'Juice', 2.20, 0.19, false),
    (11, 'Drinks', 'Wine', 'Red wine', 7.50, 0.19, false),
    (12, 'Household', 'Cleaning', 'Detergents', 5.40, 0.19, false),
    (13, 'Household', 'Paper', 'Tissues', 3.10, 0.19, false),
    (14, 'Household', 'Kitchen', 'Cookware', 24.00, 0.19, false),
    (15, 'Beauty', 'Care', 'Shampoo', 4.60, 0.19, false),
    (16, 'Beauty', 'Care', 'Sun care', 9.20, 0.19, false),
    (17, 'Clothing', 'Basics', 'Socks', 6.50, 0.19, false),
    (18, 'Clothing', 'Outdoor', 'Gloves', 14.00, 0.19, false),
    (19, 'Leisure', 'Toys', 'Games', 18.00, 0.19, false);

-- The first 24 numbers are the items of the stories: nobody buys them but by a plant.
create table story_item (
    item_no integer, item_name text, level_1 text, level_2 text, level_3 text, price decimal(9, 2),
    tax_rate decimal(4, 2), is_weighed boolean, season text, climate_tag text, role text
);
insert into story_item values
    (1, 'Windeln Größe 3', 'Baby', 'Diapers', 'Disposable', 9.99, 0.19, false, null, null, 'diapers'),
    (2, 'Helles Bier 6er', 'Drinks', 'Beer', 'Lager', 5.49, 0.19, false, null, null, 'beer'),
    (3, 'Snow boots', 'Clothing', 'Shoes', 'Boots', 59.00, 0.19, false, 'winter', 'cold', 'snow_boots'),
    (4, 'Olive oil 1 l', 'Food', 'Grocery', 'Oil', 8.40, 0.07, false, null, null, 'phantom'),
    (5, 'Ground coffee 500 g', 'Food', 'Grocery', 'Coffee', 6.30, 0.07, false, null, null, 'transfer'),
    (6, 'Crème brûlée', 'Food', 'Dairy', 'Desserts', 2.00, 0.07, false, null, null, 'price_point'),
    (7, 'Oat drink 1 l', 'Drinks', 'Soft drinks', 'Plant drinks', 2.40, 0.19, false, null, null, 'stock_out'),
    (8, 'Washing machine', 'Electronics', 'Appliances', 'Laundry', 449.00, 0.19, false, null, null, 'serial'),
    (9, 'Prenatal vitamins', 'Beauty', 'Care', 'Vitamins', 19.90, 0.07, false, null, null, 'pregnancy'),
    (10, 'Newborn formula', 'Baby', 'Food', 'Formula', 16.50, 0.07, false, null, null, 'newborn'),
    (11, 'Late arrival cereal', 'Food', 'Grocery', 'Cereal', 3.30, 0.07, false, null, null, 'late_master'),
    (12, 'Bananas', 'Food', 'Produce', 'Fruit', 1.99, 0.07, true, null, null, 'weighed'),
    (13, 'Jam 250 g', 'Food', 'Grocery', 'Spreads', 2.70, 0.07, false, null, null, 'recoded_old'),
    (14, 'Jam 250 g', 'Food', 'Breakfast', 'Spreads', 2.70, 0.07, false, null, null, 'recoded_new'),
    (15, 'Sunscreen 50+', 'Beauty', 'Care', 'Sun care', 12.90, 0.19, false, 'summer', 'hot', 'sunscreen'),
    (16, 'Razor blades', 'Beauty', 'Care', 'Shaving', 21.00, 0.19, false, null, null, 'shrink'),
    (17, 'Potato crisps', 'Food', 'Snacks', 'Crisps', 2.50, 0.07, false, null, null, 'everyday'),
    (18, 'Hotel linen set', 'Household', 'Textiles', 'Linen', 30.00, 0.19, false, null, null, 'business'),
    (19, 'Gift card', 'Services', 'Gift cards', 'Gift cards', 25.00, 0.00, false, null, null, 'gift_card'),
    (20, 'Crate deposit', 'Services', 'Deposits', 'Deposits', 3.10, 0.00, false, null, null, 'deposit'),
    (21, 'Delivery', 'Services', 'Fees', 'Delivery', 4.90, 0.19, false, null, null, 'fee'),
    (22, 'Children''s aid', 'Services', 'Donations', 'Donations', 1.00, 0.00, false, null, null, 'donation'),
    (23, 'Heat pump dryer', 'Electronics', 'Appliances', 'Laundry', 629.00, 0.19, false, null, null, 'serial_due'),
    (24, 'Light bulb', 'Household', 'Electrical', 'Bulbs', 4.00, 0.19, false, null, null, 'history');

create table item as
select
    item_no, item_code(item_no) as item_id, item_gtin14(item_no) as gtin, item_name, level_1, level_2, level_3, price, tax_rate, is_weighed,
    season, climate_tag, role, false as is_private_label,
    money(price * 0.62) as unit_cost
from story_item
union all
select
    item_no, item_code(item_no), item_gtin14(item_no),
    pick(['Hofgut', 'Sonnenalm', 'Nordlys', 'Café Prado', 'Åkerö', 'Bonfire', 'Vale', 'Mondego'],
        'brand', item_no) || ' ' || level_3 || printf(' %d', item_no),
    level_1, level_2, level_3,
    money(greatest(0.39, base_price * (0.6 + 0.9 * share('price', item_no, 0)))) as price,
    tax_rate, is_weighed,
    case item_no % 20 when 7 then 'winter' when 13 then 'summer' end,
    case item_no % 20 when 7 then 'cold' when 13 then 'hot' end,
    null,
    share('own', item_no, 0) < 0.2,
    money(greatest(0.2, base_price * (0.6 + 0.9 * share('price', item_no, 0)) * 0.66))
from range(25, getvariable('items') + 1) as numbers (item_no)
inner join category on category_no = item_no % 20;

-- Two thirds of the year cost 3 % more from the middle of the window on; zone Z2 is 5 % dearer.
create table item_price as
select
    item_no, price_zone, step,
    case when role is not null then price
        else money(price * factor * case when step = 1 and item_no % 3 = 0 then 1.03 else 1 end)
    end as price
from item
cross join (values ('Z1', 1.00), ('Z2', 1.05)) as zones (price_zone, factor)
cross join (values (0), (1)) as steps (step);

-- Half of the items, by blocks of 20, so that a store has every category; the other block's item
-- with the same last place stands in for one that is not carried.
create macro is_ranged(item_no, store_no) as (item_no // 20 + store_no) % 2 = 0;
create macro carried(item_no, store_no) as case
    when is_ranged(item_no, store_no) then item_no
    when item_no + 20 <= getvariable('items') then item_no + 20
    when item_no >= 45 then item_no - 20
    else item_no
end;
-- Boots for the cold are no goods for hot places, nor the other way round, nor out of season.
create macro is_out_of_place(item_no, store_no) as
    (item_no % 20 = 7 and store_no % 4 = 1) or (item_no % 20 = 13 and store_no % 4 = 3);
create macro is_in_season(item_no, month) as
    not (item_no % 20 = 7 and month between 4 and 9)
    and not (item_no % 20 = 13 and month not between 4 and 9);

create table coverage as
select distinct on (week, item_no, store_no)
    week, promotion_no, item_no, store_no
from (
    select
        week, promotion_no,
        25 + cast(floor(pow(share('offer', week * 10 + promotion_no, place), 2.0)
            * (getvariable('items') - 24)) as integer) as item_no,
        1 + (week * 7 + promotion_no * 3 + store_place) % getvariable('stores') as store_no
    from range((getvariable('days') + 6) // 7) as weeks (week)
    cross join range(4) as promotions (promotion_no)
    cross join range(getvariable('items') // 100 + 3) as places (place)
    cross join range((getvariable('stores') + 1) // 2) as stores (store_place)
)
order by week, item_no, store_no, promotion_no;
-- An offer that can be worked out by hand: nothing else of item 10 is on offer in store 2.
insert into coverage (week, promotion_no, item_no, store_no) values (5, 1, 10, 2);
create macro promotion_code(week, promotion_no) as printf('P%02d-%d', week + 1, promotion_no + 1);
