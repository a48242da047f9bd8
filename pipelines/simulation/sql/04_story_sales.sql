-- What the stories buy. One row a receipt line; rows of one ref are one receipt.
create table story_line (
    plant text, ref text, day integer, store_no integer, minute integer, customer_no integer,
    item_no integer, qty decimal(9, 3), line_type text, txn_type text, channel text, tender text,
    serial_no text, is_void boolean, is_training boolean, original_ref text, foreign_item text
);
create macro last_day() as getvariable('days') - 1;
create macro middle() as getvariable('days') // 2;

-- Diapers and beer: 60 baskets with both, 15 with diapers alone, 25 with beer alone. In one store and
-- one fiscal period, the first after the 53rd week: pairs are counted by cluster and period.
insert into story_line by name
select
    'diapers_and_beer' as plant,
    printf('pair-%d', number) as ref,
    cast(day_of(date '2024-02-04') + number % 28 as integer) as day,
    1 as store_no,
    1080 + number as minute,
    item_no,
    1 as qty
from range(100) as numbers (number)
cross join (values (1), (2)) as items (item_no)
where (item_no = 1 and number < 75) or (item_no = 2 and (number < 60 or number >= 75));

-- A shelf: three goods for the skin, 25 baskets with all of them and 5 with each alone. No basket
-- holds one of them and a diaper or a beer, so the graph of pairs falls into two communities.
insert into story_line by name
select
    'shelf_community' as plant,
    printf('shelf-%d', number) as ref,
    cast(day_of(date '2024-02-04') + number % 28 as integer) as day,
    1 as store_no,
    960 + number as minute,
    item_no,
    1 as qty
from range(40) as numbers (number)
cross join (values (9, 0), (15, 1), (16, 2)) as items (item_no, place)
where number < 25 or number % 3 = place;

-- D's four: the big one and the late payer buy linen on account, each week; so did the lost one,
-- until the middle; another has not come for two weeks; the small one buys crisps each fortnight, the new one twice at the end.
insert into story_line by name
select
    plant, printf('%s-%d', plant, week) as ref, week * 7 + weekday as day, 1 as store_no,
    600 + weekday as minute, story_no(number) as customer_no, item_no, qty, tender
from (values
    ('d_big_customer', 1, 2, 18, 40, 'on_account', 1, 0, 10000),
    ('d_late_payer', 2, 3, 18, 30, 'on_account', 1, 0, 10000),
    ('d_small_customer', 3, 4, 17, 2, 'cash', 2, 0, 10000),
    ('d_new_customer', 4, 5, 17, 1, 'cash', 1, getvariable('days') - 20, 10000),
    ('lost_key_customer', 5, 1, 18, 35, 'on_account', 1, 0, getvariable('days') // 2),
    ('key_customer_slipping', 31, 4, 18, 36, 'on_account', 1, 0, getvariable('days') - 14)
) as plans (plant, number, weekday, item_no, qty, tender, every, first_day, end_day)
cross join range(getvariable('days') // 7) as weeks (week)
where week % every = 0 and week * 7 + weekday >= first_day and week * 7 + weekday < end_day;

-- Complaints: both bought two packs a week before; then the one buys four, the other nothing.
insert into story_line by name
select
    plant, printf('%s-%d', plant, week) as ref, week * 7 + 2 as day, 1 as store_no, 700 as minute,
    story_no(number) as customer_no, 17 as item_no,
    case when week * 7 + 2 < middle() then 2 else 4 end as qty
from (values ('complaint_resolved', 6), ('complaint_unresolved', 7)) as plans (plant, number)
cross join range(getvariable('days') // 7) as weeks (week)
where week * 7 + 2 < middle() or plant = 'complaint_resolved';

-- One person under three source ids buys under each; two people on one mail buy apart; others of
-- the stories buy now and then, so that each has a history.
insert into story_line by name
select
    plant, printf('%s-%d-%d', plant, number, visit) as ref,
    least(last_day(), first_day + visit * gap) as day, 1 as store_no, 800 + number as minute,
    story_no(number) as customer_no, item_no, qty, channel
from (values
    ('one_person_three_sources', 8, 3, 17, 1, 3, 10, 'store'),
    ('one_person_three_sources', 9, 5, 17, 1, 2, 10, 'web'),
    ('one_person_three_sources', 10, 8, 17, 1, 2, 10, 'store'),
    ('two_people_one_mail', 11, 2, 17, 2, 2, 9, 'store'),
    ('two_people_one_mail', 12, 4, 17, 3, 2, 9, 'store'),
    ('pregnancy_with_consent', 13, 20, 9, 1, 1, 1, 'store'),
    ('pregnancy_without_consent', 14, 21, 9, 1, 1, 1, 'store'),
    ('newborn_with_consent', 15, 30, 10, 2, 2, 5, 'store'),
    ('erasure', 16, 6, 17, 3, 3, 8, 'store'),
    ('won_back_customer', 17, 0, 17, 1, 4, 3, 'store'),
    ('satisfaction_loyal', 18, 1, 17, 1, 16, 4, 'store'),
    ('satisfaction_mercenary', 19, 12, 17, 1, 1, 1, 'store'),
    ('satisfaction_captive', 20, 2, 17, 1, 16, 4, 'store'),
    ('satisfaction_defector', 21, 13, 17, 1, 1, 1, 'store'),
    ('costly_channel', 22, 9, 17, 1, 3, 12, 'store'),
    ('lead_to_customer', 23, 40, 18, 2, 1, 1, 'social'),
    ('fleet_account', 24, 11, 18, 4, 2, 20, 'phone'),
    ('customer_moved', 28, 5, 17, 1, 2, 30, 'store'),
    ('canary', 29, 14, 17, 1, 1, 1, 'app')
) as plans (plant, number, first_day, item_no, qty, visits, gap, channel)
cross join range(20) as numbers (visit)
where visit < visits;
insert into story_line by name
select
    'won_back_customer' as plant, 'won_back_customer-again' as ref, last_day() - 2 as day,
    1 as store_no, 815 as minute, story_no(17) as customer_no, 17 as item_no, 5 as qty;

-- The campaign runs from the middle for 14 days: each treated customer buys three packs within it,
-- each control customer one; before it all bought one.
insert into story_line by name
select
    'campaign_effect' as plant, printf('campaign-%d-%s', number, phase) as ref,
    day + number % 10 as day, 1 as store_no, 900 + number as minute,
    story_no(100 + number) as customer_no, 17 as item_no,
    case when phase = 'during' and number % 2 = 1 then 3 else 1 end as qty
from range(1, 41) as numbers (number)
cross join (values ('before', 3), ('during', getvariable('days') // 2)) as phases (phase, day);

-- Of those won at a fair the old ones buy three sets a week, the young ones bought one pack once.
insert into story_line by name
select
    'segment_rule' as plant, printf('rule-%d-%d', number, week) as ref,
    week * 7 + number % 7 as day, 1 as store_no, 500 + number as minute,
    story_no(200 + number) as customer_no,
    case when number <= 20 then 18 else 17 end as item_no,
    case when number <= 20 then 3 else 1 end as qty
from range(1, 41) as numbers (number)
cross join range(getvariable('days') // 7) as weeks (week)
where number <= 20 or week = 1;

-- A family hotel that bought diapers each tenth day, none for eleven, and never a beer; an inn that buys
-- beer alone, so that a trip for it has a worth. Much at a time, since the campaigns of the stories
-- cost 23.43 a customer; after the period in which the pair is counted.
insert into story_line by name
select
    'next_purchase' as plant, printf('next-%d-%d', number, visit) as ref,
    last_day() - days_ago - gap * visit as day, 1 as store_no, 830 + number as minute,
    story_no(number) as customer_no, item_no, qty
from (values (36, 1, 60, 11, 10, 3), (37, 2, 300, 5, 20, 2))
    as plans (number, item_no, qty, days_ago, gap, visits)
cross join range(3) as numbers (visit)
where visit < visits;

-- What a project ordered by phone is delivered, on account.
insert into story_line by name
select
    'project_channel' as plant, 'project_channel' as ref, 33 as day, 1 as store_no, 560 as minute,
    story_no(32) as customer_no, 18 as item_no, 200 as qty, 'phone' as channel,
    'on_account' as tender;

-- A coach party: on one day ten times the lines of a usual day come on top.
insert into story_line by name
select
    'busy_day' as plant, printf('busy-%d', number) as ref, last_day() - 8 as day, 1 as store_no,
    cast(490 + number % 700 as integer) as minute, 17 as item_no, 1 as qty
from range(10 * getvariable('lines') // (getvariable('days') * getvariable('stores')))
    as numbers (number);

-- Price points: six packs a day and store at 1.60, three at the full 2.00. Weeks alternate, and so do the
-- two stores: where all stores change together, what the price did cannot be told from the week.
insert into story_line by name
select
    'price_point' as plant, printf('price-%d-%d', store_no, day) as ref, day, store_no,
    630 as minute, 6 as item_no,
    case when (day // 7 + store_no) % 2 = 0 then 6 else 3 end as qty
from range(getvariable('days')) as days (day)
cross join (values (1), (2)) as places (store_no)
-- the store-day that never arrives shall not be missed here
where not (store_no = 2 and day = 30);

-- An offer: two packs a day and store before it, six on offer for a fifth off, then one for a week.
insert into story_line by name
select
    'promo_lift' as plant, printf('promo-%d', day) as ref, day, 2 as store_no, 640 as minute,
    10 as item_no, case day // 7 when 5 then 6 when 6 then 1 else 2 end as qty
from range(getvariable('days')) as days (day)
-- as above, the store-day that never arrives
where day <> 30;

-- Stock: the phantom item sells three a day until its books go wrong; the transfer item sells in
-- store 1 while store 2 sits on it; the stock-out item sells two a day but for ten days without
-- any; boots sell in the cold and not in the heat.
insert into story_line by name
select
    plant, printf('%s-%d', plant, day) as ref, day, store_no, 660 as minute, item_no, qty
from (values
    ('phantom_stock', 1, 4, 3, 1), ('transfer', 1, 5, 3, 1), ('stock_out', 1, 7, 2, 1),
    ('snow_boots_in_heat', 3, 3, 1, 3)
) as plans (plant, store_no, item_no, qty, every)
cross join range(getvariable('days')) as days (day)
where
    day % every = 0
    and not (plant = 'phantom_stock' and day >= getvariable('days') - 21)
    and not (plant = 'stock_out' and day between 25 and 34)
    and not (plant = 'snow_boots_in_heat' and getvariable('stores') = 3 and day between 20 and 29);
insert into story_line by name
select
    plant, plant as ref, day, 1 as store_no, minute, item_no, qty, customer_no, serial_no,
    'card' as tender
from (values
    ('warranty', 12, 700, 8, 1, story_no(27), 'SN-8-000001'),
    ('entitlement_ending', 13, 701, 23, 1, story_no(30), 'SN-23-000001'),
    ('shrink', 15, 702, 16, 2, null, null),
    ('late_master', 10, 703, 11, 3, null, null),
    ('recoded_item_old', 9, 704, 13, 5, null, null),
    ('recoded_item_new', 40, 705, 14, 4, null, null),
    ('weighed_barcode', 16, 706, 12, 1.234, null, null)
) as plans (plant, day, minute, item_no, qty, customer_no, serial_no);

-- What is on a receipt and is no sale.
insert into story_line by name
select
    'not_a_sale' as plant, 'not_a_sale-' || line_type as ref, 18 as day, 1 as store_no,
    720 + item_no as minute, item_no, 1 as qty, line_type
from (values (19, 'gift_card'), (20, 'deposit'), (21, 'fee'), (22, 'donation'))
    as plans (item_no, line_type);
insert into story_line by name
select
    plant, printf('%s-%d', plant, number) as ref, 17 + number as day, 1 as store_no,
    740 + number as minute, 17 as item_no, 7 as qty, txn_type, is_void, is_training
from (values
    ('voided_receipt', 'void', true, false), ('training_receipt', 'sale', false, true),
    ('voided_line', 'sale', true, false)
) as plans (plant, txn_type, is_void, is_training)
cross join range(3) as numbers (number);
insert into story_line by name
select plant, ref, day, store_no, minute, 16 as item_no, 1 as qty
from story_line
where plant = 'voided_line';

-- Returns: with the original named, without any, of more than was sold before, and an exchange.
insert into story_line by name
select
    'return_with_original' as plant, ref, day, 1 as store_no, 760 as minute, 17 as item_no, qty,
    line_type, txn_type, original_ref, story_no(28) as customer_no
from (values
    ('return-a-sale', 22, 5, 'sale', 'sale', null),
    ('return-a', 26, 2, 'return', 'return', 'return-a-sale')
) as plans (ref, day, qty, line_type, txn_type, original_ref);
insert into story_line by name
select
    plant, plant as ref, day, 1 as store_no, 770 as minute, item_no, qty, line_type, txn_type
from (values
    ('return_without_original', 27, 17, 1, 'return', 'return'),
    ('exchange', 28, 17, 1, 'return', 'exchange'),
    ('exchange', 28, 16, 1, 'sale', 'exchange')
) as plans (plant, day, item_no, qty, line_type, txn_type);

insert into story_line by name
select
    'unknown_item' as plant, printf('unknown-%d', number) as ref, 5 + number as day,
    1 as store_no, 780 as minute, 17 as item_no, 1 as qty,
    printf('X9%04d', number) as foreign_item
from range(3) as numbers (number);

-- Last year, thin: one line a store and day, from 53 weeks before on. Its quantity rises by the
-- day, so that a comparison with the wrong day shows.
insert into story_line by name
select
    'year_of_53_weeks' as plant, printf('history-%d-%d', store_no, day) as ref, day, store_no,
    720 as minute, 24 as item_no, 20 + (day + 371) as qty
from range(-371, -371 + 7 + least(getvariable('days'), 70)) as days (day)
cross join store;
