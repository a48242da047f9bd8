select
    day_date(day) as _date,
    opportunity_id as opportunity,
    lead_id as lead,
    day_date(day) + interval 9 hour + interval 1 minute * step as changed_at,
    from_stage as stage_before,
    to_stage as stage,
    money(amount) as amount,
    cast(probability as decimal(4, 2)) as probability,
    expected_on,
    owner,
    lead_source as origin,
    campaign,
    customer,
    lost_reason,
    case when step >= 3 then 'Q-' || opportunity_id end as quote,
    case when step >= 4 and lost_reason is null then 'K-' || opportunity_id end as contract,
    case when step >= 5 and lost_reason is null then 'B-' || opportunity_id end as "order"
from opportunity_step
