-- Natural customers decide on joining; a tenth withdraw thirty days later. In the stories everybody
-- allows e-mail, but for those whose story is a missing or withdrawn consent.
with decision as (
    select
        customer.*, 'marketing' as purpose, 'email' as channel, 'granted' as status,
        joined_second // 86400 as day
    from customer
    where plant is not null or share('consent', customer_no, 0) < 0.7
    union all
    select *, 'marketing', 'email', 'withdrawn', joined_second // 86400 + 30
    from customer
    where plant is null and share('consent', customer_no, 0) < 0.07
    union all
    select *, 'profiling', 'email', 'granted', joined_second // 86400
    from customer
    where plant is null and share('profile', customer_no, 0) < 0.8
    union all
    select *, 'health', 'email', 'granted', 1
    from customer
    where plant in ('pregnancy_with_consent', 'newborn_with_consent')
    union all
    select *, 'marketing', 'email', 'withdrawn', getvariable('days') - 6
    from customer
    where plant = 'erasure'
)
select
    day_date(day) as _date,
    source_system as source,
    customer_ref as number,
    purpose,
    channel,
    day_date(day) + interval 1 second * (36000 + customer_no % 3600) as decided_at,
    status,
    'consent' as basis,
    printf('proof-%s-%s', customer_ref, purpose) as proof,
    'v3' as policy
from decision
where day < getvariable('days')
