select
    day_date(day) as _date,
    lead_id as lead,
    day_date(day) + interval 8 hour + interval 1 minute * step as changed_at,
    from_stage as stage_before,
    to_stage as stage,
    money(amount) as amount,
    cast(probability as decimal(4, 2)) as probability,
    expected_on,
    owner,
    lead_source as origin,
    campaign,
    customer,
    lost_reason
from lead_step
