select
    day_date(day) as _date,
    response_id as response,
    day_date(day) + interval 15 hour as answered_at,
    customer_ref as customer,
    survey,
    question,
    score,
    5 as scale,
    told_count as told,
    money(wallet) as wallet,
    case_id as "case"
from answer
