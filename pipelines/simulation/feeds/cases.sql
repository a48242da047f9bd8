select
    day_date(day) as _date,
    case_id as "case",
    day_date(day) + interval 1 minute * minute as changed_at,
    status,
    case_type as type,
    reason,
    priority,
    channel,
    customer_ref as customer,
    'S001' as store,
    case when item_no is not null then item_code(item_no) end as item,
    serial_no as serial,
    'A004' as assigned_to,
    department,
    case when step >= 2 then day_date(opened_day) + interval 11 hour end as first_response_at,
    case when status in ('resolved', 'closed') then resolution end as resolution,
    money(cost * step) as cost
from case_step
