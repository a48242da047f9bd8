-- Customers of the stories: their numbers follow on those of the natural ones.
create macro story_no(number) as getvariable('customers') + number;

create table story_customer (
    number integer, plant text, source_system text, customer_type text, given_name text,
    family_name text, birth_date date, email text, phone text, life_event_type text,
    life_event_day integer, joined_day integer, parent_number integer
);
insert into story_customer values
    (1, 'd_big_customer', 'crm', 'company', null, 'Hotel Aurelia Beispiel GmbH', null, 'einkauf@aurelia.example.com', '+999 800000001', null, null, 0, null),
    (2, 'd_late_payer', 'crm', 'company', null, 'Pension Säumig Muster KG', null, 'office@saeumig.example.com', '+999 800000002', null, null, 0, null),
    (3, 'd_small_customer', 'crm', 'person', 'Selma', 'Klein-Exempel', '1970-05-05', 'selma@example.org', '+999 800000003', null, null, 0, null),
    (4, 'd_new_customer', 'crm', 'person', 'Nils', 'Neumann-Probst', '1991-01-15', 'nils@example.org', '+999 800000004', null, null, null, null),
    (5, 'lost_key_customer', 'crm', 'company', null, 'Gasthof Verloren Test OHG', null, 'kueche@verloren.example.com', '+999 800000005', null, null, 0, null),
    (6, 'complaint_resolved', 'crm', 'person', 'Rosa', 'Ressolta', '1980-02-29', 'rosa@example.org', '+999 800000006', null, null, 0, null),
    (7, 'complaint_unresolved', 'crm', 'person', 'Ulf', 'Olöst', '1981-03-30', 'ulf@example.org', '+999 800000007', null, null, 0, null),
    (8, 'one_person_three_sources', 'crm', 'person', 'Ingrid', 'Dreifach', '1975-07-07', 'ingrid.dreifach@example.com', '+999 800000008', null, null, 0, null),
    (9, 'one_person_three_sources', 'webshop', 'person', 'Ingrid', 'Dreifach', '1975-07-07', 'Ingrid.Dreifach@Example.com', '+999 800 000 008', null, null, 0, null),
    (10, 'one_person_three_sources', 'loyalty', 'person', 'INGRID', 'DREIFACH', '1975-07-07', null, '00999800000008', null, null, 0, null),
    (11, 'two_people_one_mail', 'crm', 'person', 'Paula', 'Gemeinsam', '1968-04-01', 'familie.gemeinsam@example.net', '+999 800000011', null, null, 0, null),
    (12, 'two_people_one_mail', 'crm', 'person', 'Peter', 'Gemeinsam', '1966-09-12', 'familie.gemeinsam@example.net', '+999 800000012', null, null, 0, null),
    (13, 'pregnancy_with_consent', 'crm', 'person', 'Mona', 'Erwartung', '1993-06-06', 'mona@example.org', '+999 800000013', 'due_date', 90, 0, null),
    (14, 'pregnancy_without_consent', 'crm', 'person', 'Nora', 'Privat', '1994-06-06', 'nora@example.org', '+999 800000014', 'due_date', 90, 0, null),
    (15, 'newborn_with_consent', 'crm', 'person', 'Britta', 'Geburt', '1990-08-08', 'britta@example.org', '+999 800000015', 'birth', 7, 0, null),
    (16, 'erasure', 'crm', 'person', 'Elmar', 'Vergessen', '1959-11-11', 'elmar.vergessen@example.com', '+999 800000016', null, null, 0, null),
    (17, 'won_back_customer', 'crm', 'person', 'Wanda', 'Wiederkehr', '1985-12-12', 'wanda@example.org', '+999 800000017', null, null, 0, null),
    (18, 'satisfaction_loyal', 'crm', 'person', 'Lena', 'Treu', '1979-01-01', 'lena@example.org', '+999 800000018', null, null, 0, null),
    (19, 'satisfaction_mercenary', 'crm', 'person', 'Max', 'Söldner', '1979-01-02', 'max@example.org', '+999 800000019', null, null, 0, null),
    (20, 'satisfaction_captive', 'crm', 'person', 'Gerd', 'Gefangen', '1979-01-03', 'gerd@example.org', '+999 800000020', null, null, 0, null),
    (21, 'satisfaction_defector', 'crm', 'person', 'Doro', 'Abtrünnig', '1979-01-04', 'doro@example.org', '+999 800000021', null, null, 0, null),
    (22, 'costly_channel', 'crm', 'person', 'Karl', 'Schalter', '1948-01-04', 'karl@example.org', '+999 800000022', null, null, 0, null),
    (23, 'lead_to_customer', 'crm', 'person', 'Lea', 'Interessent', '1988-10-10', 'lea@example.org', '+999 800000023', null, null, 0, null),
    (24, 'fleet_account', 'crm', 'company', null, 'Fuhrpark Muster AG', null, 'fuhrpark@flotte.example.com', '+999 800000024', null, null, 0, null),
    (25, 'fleet_account', 'crm', 'person', 'Frida', 'Entscheider', '1972-02-02', 'frida@flotte.example.com', '+999 800000025', null, null, 0, 24),
    (26, 'fleet_account', 'crm', 'person', 'Fritz', 'Fahrer', '1982-02-02', 'fritz@flotte.example.com', '+999 800000026', null, null, 0, 24),
    (27, 'warranty', 'crm', 'person', 'Gisela', 'Garantie', '1965-03-03', 'gisela@example.org', '+999 800000027', null, null, 0, null),
    (28, 'customer_moved', 'crm', 'person', 'Umberto', 'Umzug', '1977-03-03', 'umberto@example.org', '+999 800000028', null, null, 0, null),
    (29, 'canary', 'crm', 'person', 'Kanarienvogelius', 'Canarytokenson', '1900-01-01', 'canary.crm.7f3a@canary.example.org', '+999 777000777', null, null, 0, null),
    (30, 'entitlement_ending', 'crm', 'person', 'Erna', 'Ablauf', '1962-03-03', 'erna@example.org', '+999 800000030', null, null, 0, null),
    (31, 'key_customer_slipping', 'crm', 'company', null, 'Kantine Wackelig Probst GmbH', null, 'kueche@wackelig.example.com', '+999 800000031', null, null, 0, null),
    (32, 'project_channel', 'crm', 'company', null, 'Bauprojekt Exempel GmbH', null, 'einkauf@bauprojekt.example.com', '+999 800000032', null, null, 0, null),
    (33, 'household_left', 'crm', 'person', 'Walter', 'Wechsel', '1961-05-05', 'walter@example.org', '+999 800000033', null, null, 0, null),
    (34, 'household_left', 'crm', 'person', 'Viktor', 'Wandel', '1973-06-07', 'viktor@example.org', '+999 800000034', null, null, 0, null),
    (35, 'household_left', 'crm', 'person', 'Wilma', 'Wechsel', '1985-07-09', 'wilma@example.org', '+999 800000035', null, null, 0, null),
    (36, 'next_purchase', 'crm', 'company', null, 'Familienhotel Windelruh Muster GmbH', null, 'einkauf@windelruh.example.com', '+999 800000036', null, null, 0, null),
    (37, 'next_purchase', 'crm', 'company', null, 'Wirtshaus Helles Beispiel OHG', null, 'theke@helles.example.com', '+999 800000037', null, null, 0, null);

-- Forty more, half of them treated and half left alone: the campaign with a known effect.
insert into story_customer
select
    100 + number, 'campaign_effect', 'crm', 'person', printf('Kim %d', number),
    case when number % 2 = 1 then 'Behandelt' else 'Kontrolle' end,
    date '1980-01-01' + cast(number as integer), printf('kim.%d@example.org', number),
    printf('+999 8100000%02d', number), null, null, 0, null
from range(1, 41) as numbers (number);

-- Forty who were won at a fair, the first twenty born in the fifties: they buy, the young do not.
insert into story_customer
select
    200 + number, 'segment_rule', 'crm', 'person', printf('Robin %d', number), 'Messe',
    case when number <= 20 then date '1950-01-01' else date '1990-01-01' end
    + cast(number * 71 as integer), printf('robin.%d@example.org', number),
    printf('+999 8200000%02d', number), null, null, 0, null
from range(1, 41) as numbers (number);

create macro story_ref(number, source_system) as
    case source_system when 'webshop' then 'W' when 'loyalty' then 'L' else 'C' end
    || printf('%07d', story_no(number));

insert into customer by name
select
    story_no(number) as customer_no,
    story_ref(number, source_system) as customer_ref,
    source_system, customer_type, given_name, family_name,
    case when customer_type = 'person' then 'x' end as gender,
    birth_date, email, phone,
    case
        when number = 29 then 'Canarystreet 7f3a'
        when number in (11, 12) then 'Gemeinweg 1'
        when number in (8, 9, 10) then 'Dreifachgasse 3'
        when number in (33, 35) then 'Wechselgasse 1'
        else printf('Storyallee %d', number)
    end as street,
    1 as home_store_no,
    case plant when 'segment_rule' then 'fair' when 'project_channel' then 'project' else 'store'
    end as acquisition_channel,
    coalesce(joined_day, getvariable('days') - 20) * 86400 as joined_second,
    plant
from story_customer;
