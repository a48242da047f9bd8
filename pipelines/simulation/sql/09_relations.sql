-- Leads and opportunities: one in twenty natural customers was a lead; half go the whole way.
create table lead as
select
    'LD-' || customer_ref as lead_id, customer_ref,
    pick(['web', 'social', 'fair', 'referral'], 'lead source', customer_no) as lead_source,
    cast(null as text) as campaign, 'A008' as owner,
    cast(floor(share('lead day', customer_no, 0) * greatest(1, getvariable('days') - 45))
        as integer) as first_day,
    money(200 + customer_no % 50 * 40) as amount,
    case when customer_no % 40 = 7 then 'price' end as lost_reason
from customer
where plant is null and customer_no % 20 = 7
union all
-- The story's lead: web enquiry on day 2, won, paid on day 45 after a purchase on day 40.
select 'LD-STORY', customer_ref, 'web', 'CMP-NULL', 'A009', 2, 60, null
from customer
where plant = 'lead_to_customer'
union all
select 'LD-FLEET', customer_ref, 'fair', null, 'A009', 4, 24000, 'competitor'
from customer
where plant = 'fleet_account' and customer_type = 'company'
union all
-- Delivered on day 33, when the till rings it, and paid on day 51.
select 'LD-PROJECT', customer_ref, 'project', null, 'A009', 8, 6000, null
from customer
where plant = 'project_channel';

create table lead_step as
select
    lead.* exclude (customer_ref, first_day), step, from_stage, to_stage,
    first_day + day_offset as day,
    cast(0.2 * step as decimal(4, 2)) as probability,
    day_date(first_day + 30) as expected_on,
    -- a lead is nobody's customer number until it is qualified
    case when step >= 2 then customer_ref end as customer
from lead
cross join (values (1, null, 'new', 0), (2, 'new', 'qualified', 3))
    as steps (step, from_stage, to_stage, day_offset);

create table opportunity_step as
select
    'OP-' || lead_id[4:] as opportunity_id, lead.* exclude (customer_ref, first_day),
    step, from_stage, to_stage, first_day + day_offset as day, probability,
    day_date(first_day + 30) as expected_on, customer_ref as customer
from lead
cross join (values
    (1, null, 'lead', 3, 0.10), (2, 'lead', 'qualified', 5, 0.25),
    (3, 'qualified', 'proposed', 9, 0.50), (4, 'proposed', 'contract', 15, 0.80),
    (5, 'contract', 'order', 17, 0.90), (6, 'order', 'delivered', 25, 0.95),
    (7, 'delivered', 'paid', 43, 1.00)
) as steps (step, from_stage, to_stage, day_offset, probability)
where lost_reason is null or step <= 3
union all
select
    'OP-' || lead_id[4:], lead.* exclude (customer_ref, first_day), 4, 'proposed', 'lost',
    first_day + 20, 0.00, day_date(first_day + 30), customer_ref
from lead
where lost_reason is not null;

-- Cases: natural ones of one in thirty customers, and those of the stories.
create table service_case as
select
    'CS-' || customer_ref as case_id, customer_ref,
    pick(['complaint', 'enquiry', 'maintenance'], 'case type', customer_no) as case_type,
    pick(['quality', 'delivery', 'design', 'staff'], 'case reason', customer_no) as reason,
    'normal' as priority, 'call' as channel, cast(null as integer) as item_no,
    cast(null as text) as serial_no,
    cast(floor(share('case day', customer_no, 0) * (getvariable('days') - 8)) as integer)
        as opened_day,
    pick(['full', 'partial', 'none'], 'resolution', customer_no) as resolution,
    money(5) as cost, 3 as day_count
from customer
where plant is null and customer_no % 30 = 11
union all
select
    case_id, story_ref(number, 'crm'), case_type, reason, priority, channel, item_no, serial_no,
    opened_day, resolution, cost, day_count
from (values
    ('CS-RESOLVED', 6, 'complaint', 'quality', 'high', 'call', 17, null, getvariable('days') // 2, 'full', 4.00, 3),
    ('CS-UNRESOLVED', 7, 'complaint', 'quality', 'high', 'call', 17, null, getvariable('days') // 2, 'none', 4.00, 3),
    ('CS-NEW-1', 4, 'enquiry', 'delivery', 'normal', 'call', 17, null, getvariable('days') - 18, 'full', 12.00, 1),
    ('CS-NEW-2', 4, 'complaint', 'delivery', 'normal', 'call', 17, null, getvariable('days') - 12, 'partial', 12.00, 2),
    ('CS-REPAIR-1', 27, 'repair', 'defect', 'normal', 'branch', 8, 'SN-8-000001', 20, 'full', 30.00, 2),
    ('CS-REPAIR-2', 27, 'repair', 'defect', 'normal', 'branch', 8, 'SN-8-000001', 38, 'full', 30.00, 2),
    ('CS-VISIT-1', 24, 'visit', 'fleet', 'normal', 'branch', null, null, 10, 'full', 20.00, 1),
    ('CS-OPEN', 22, 'complaint', 'staff', 'high', 'branch', null, null, getvariable('days') - 4, 'none', 3.00, 90)
) as stories (
    case_id, number, case_type, reason, priority, channel, item_no, serial_no, opened_day,
    resolution, cost, day_count
);

create table case_step as
select
    service_case.*, step, status, opened_day + day_offset as day, minute,
    case reason when 'quality' then 'quality assurance' when 'design' then 'development'
        when 'staff' then 'human resources' else 'service' end as department
from service_case
cross join lateral (values
    (1, 'opened', 0, 540), (2, 'in_progress', 0, 660), (3, 'resolved', day_count, 600),
    (4, 'closed', day_count + 1, 600)
) as steps (step, status, day_offset, minute)
where opened_day + day_offset < getvariable('days');

-- Contacts: a natural stream, and four stories with counts that can be checked by hand.
create table contact as
with natural_contact as (
    select
        number,
        cast(floor(share('contact day', number, 0) * getvariable('days')) as integer) as day,
        pick(['call', 'call', 'ivr', 'chat', 'mail', 'branch'], 'contact channel', number)
            as channel,
        pick(['delivery', 'opening hours', 'points', 'return'], 'contact reason', number) as reason,
        480 + cast(floor(share('contact minute', number, 0) * 600) as integer) as minute,
        printf('C%07d', 1 + cast(floor(share('caller', number, 0) * getvariable('customers'))
            as integer)) as customer_ref,
        cast(floor(-ln(1 - share('wait', number, 0)) * 25) as integer) as wait
    from range(getvariable('customers') // 2) as numbers (number)
),
story_contact as (
    -- Forty calls on one day about the new card fee, announced the day before.
    select 900000 + number as number, getvariable('days') - 4 as day, 'call' as channel,
        'card fee' as reason, 600 + number as minute, cast(null as text) as customer_ref,
        'general' as queue, 15 as queued_s, true as is_answered, false as is_abandoned,
        false as is_blocked, cast(null as text) as case_id
    from range(40) as numbers (number)
    union all
    -- One or three on the same weekday of the eight weeks before, so that a surge has a measure.
    select 940000 + week * 10 + number, getvariable('days') - 4 - 7 * week, 'call', 'card fee',
        650 + number, null, 'general', 15, true, false, false, null
    from range(1, 9) as weeks (week)
    cross join range(3) as numbers (number)
    where number = 0 or week % 2 = 0
    union all
    -- Ten offered to one queue: six answered after 10 s, two after 40 s, one gave up after 5 s and
    -- one after 60 s; two more met a busy line.
    select 910000 + number, 10, 'call', 'warranty', 600 + number, null, 'warranty',
        case when number < 6 then 10 when number < 8 then 40 when number = 8 then 5
            when number = 9 then 60 else 0 end,
        number < 8, number in (8, 9), number > 9, null
    from range(12) as numbers (number)
    union all
    select 920000 + number, getvariable('days') - 19 + 3 * number, 'call', 'delivery', 620,
        story_ref(4, 'crm'), 'general', 20, true, false, false, 'CS-NEW-1'
    from range(4) as numbers (number)
    union all
    -- Twelve visits to the branch that a mail would have done: 5.00 saved on each.
    select 930000 + number, 2 + number * 5, 'branch', 'points', 700, story_ref(22, 'crm'), 'branch',
        0, true, false, false, null
    from range(12) as numbers (number)
)
select
    printf('CT-%d', number) as contact_id, number, day,
    day_date(day) + interval 1 minute * minute as began_at,
    channel, queue, customer_ref, false as ivr_entered, false as ivr_resolved, queued_s,
    is_answered, is_abandoned, is_blocked, 120 as talk_s, reason, case_id
from story_contact
union all
select
    printf('CT-%d', number), number, day, day_date(day) + interval 1 minute * minute, channel,
    'general', customer_ref, channel in ('ivr', 'call'), channel = 'ivr', wait,
    channel <> 'ivr' and wait < 120, channel <> 'ivr' and wait >= 120, false,
    60 + number % 240, reason, null
from natural_contact;

create table answer as
select
    'SV-' || case_id as response_id, opened_day + day_count + 2 as day, customer_ref,
    'complaint' as survey, 'How content are you with the answer?' as question,
    case resolution when 'full' then 5 when 'partial' then 3 else 1 end as score,
    case resolution when 'full' then 5 when 'partial' then 8 else 10 end as told_count,
    cast(null as decimal(9, 2)) as wallet, case_id
from service_case
where case_type = 'complaint' and opened_day + day_count + 2 < getvariable('days')
union all
select
    printf('SV-%s', plant), getvariable('days') - 10, customer_ref, 'satisfaction',
    'How content are you with us?',
    case plant when 'satisfaction_loyal' then 5 when 'satisfaction_mercenary' then 5
        when 'satisfaction_captive' then 2 else 1 end,
    null, 100, null
from customer
where plant like 'satisfaction%'
union all
select
    'SV-' || customer_ref, cast(floor(share('survey day', customer_no, 0) * getvariable('days'))
        as integer), customer_ref, 'satisfaction', 'How content are you with us?',
    cast(1 + floor(share('score', customer_no, 0) * 5) as integer), null,
    money(50 + customer_no % 200), null
from customer
where plant is null and customer_no % 12 = 5;

-- A letter to a fifth of the natural customers, which changes nothing; half of them are control.
-- The other campaign's audience is known by name.
create table touch as
with audience as (
    select customer_no, customer_ref, 'CMP-NULL' as campaign, 3 as first_day,
        case when customer_no % 10 = 1 then 'treated' else 'control' end as cell,
        share('reads', customer_no, 0) as chance
    from customer
    where plant is null and customer_no % 10 in (1, 2)
    union all
    select customer_no, customer_ref, 'CMP-EFFECT', getvariable('days') // 2,
        case when customer_no % 2 = getvariable('customers') % 2 then 'control' else 'treated' end,
        -- in the order of their numbers: of twenty treated 19 are reached, 11 open, 6 click and 3
        -- respond; one leaves the list, one mail bounces
        ((customer_no - story_no(100)) // 2) / 20.0
    from customer
    where plant = 'campaign_effect'
)
select campaign, cell, customer_no, customer_ref, event, first_day + day_offset as day
from audience
cross join (values
    ('assigned', 0, 1.1), ('sent', 1, 1.1), ('delivered', 1, 0.95), ('opened', 2, 0.55),
    ('clicked', 2, 0.30), ('responded', 3, 0.15), ('unsubscribed', 4, 0.05), ('bounced', 1, 9.9)
) as events (event, day_offset, below)
where
    event = 'assigned'
    or (cell = 'treated' and chance < below and (event <> 'bounced' or chance >= 0.95));

-- Every purchase on account is an invoice, due after 14 days. The late payer pays nothing of it but
-- the first, 30 days late; the project pays four days late, the others on the day.
create table receivable as
with invoice as (
    select
        printf('INV-%d', tender.receipt_no) as document_no, receipt.customer_ref, receipt.plant,
        tender.business_date as posted_date, tender.business_date + 14 as due_date,
        tender.amount,
        row_number() over (partition by receipt.plant order by tender.receipt_no) as number
    from tender
    inner join receipt using (business_date, receipt_no)
    where tender.tender_type = 'on_account'
)
select
    document_no, customer_ref, plant, 'invoice' as document_type, posted_date, due_date, amount,
    case
        when plant = 'project_channel' then due_date + 4
        when plant <> 'd_late_payer' then due_date
        when number = 1 then due_date + 30
    end as cleared_date
from invoice;
insert into receivable
select
    'PAY' || document_no[4:], customer_ref, plant, 'payment', cleared_date, null, -amount,
    cleared_date
from receivable
where cleared_date < day_date(getvariable('days'));
