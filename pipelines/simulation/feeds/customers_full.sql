select
    day_date(extract_day) as _date,
    customer.source_system as source,
    customer_ref as number,
    cast(null as text) as op,
    customer.customer_type as type,
    customer.given_name,
    customer.family_name,
    customer.email as mail,
    -- who moves in with somebody has the phone of the house
    case
        when customer_no = story_no(35) and extract_day > 0 then '+999 800000034'
        else customer.phone
    end as phone,
    customer.birth_date as born,
    gender,
    case
        when customer.plant = 'customer_moved' and extract_day > 0 then 'Neue Straße 99'
        when customer_no = story_no(35) and extract_day > 0 then 'Storyallee 34'
        else street
    end as street,
    case
        when customer.plant = 'customer_moved' and extract_day > 0 then 'Neustadt'
        else 'Musterstadt'
    end as city,
    printf('%05d', 10000 + customer_no * 7 % 80000) as postcode,
    store.country,
    case store.country when 'ES' then 'es' when 'FI' then 'fi' else 'de' end as language,
    day_date(joined_second // 86400) + interval 9 hour as created_at,
    store.store_id as home_store,
    acquisition_channel as channel,
    case when acquisition_channel = 'campaign' then 'CMP-NULL' end as campaign,
    case when customer.plant is null
        then case when share('alone', customer_no // 2, 0) < 0.5 then '2' else '1' end
    end as household_size,
    case when customer.plant is null then null
        when customer.customer_type = 'company' then 'A007' else 'A001' end as adviser,
    case when story_customer.parent_number is not null
        then story_ref(story_customer.parent_number, 'crm') end as account,
    story_customer.life_event_type as life_event,
    day_date(story_customer.life_event_day) as life_event_on
from (
    select *
    from customer
    cross join (values (0), (getvariable('days') // 2)) as extracts (extract_day)
) as customer
inner join store on store.store_no = customer.home_store_no
left join story_customer on story_no(story_customer.number) = customer.customer_no
where joined_second // 86400 <= extract_day
