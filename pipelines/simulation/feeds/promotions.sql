select
    day_date(0) as _date,
    promotion_code(week, promotion_no) as promotion,
    printf('Angebot %d der Woche %d', promotion_no + 1, week + 1) as name,
    'price' as type,
    '20 % off' as mechanic,
    ['end cap', 'in aisle', 'store front', 'none'][promotion_no + 1] as display,
    ['front page', 'inside page', 'none', 'none'][promotion_no + 1] as ad,
    case when promotion_no = 0 then 'supplier' else 'own' end as funding,
    day_date(week * 7) as first_day,
    day_date(week * 7 + 6) as last_day
from range((getvariable('days') + 6) // 7) as weeks (week)
cross join range(4) as promotions (promotion_no)
