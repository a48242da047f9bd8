select
    day_date(0) as _date, campaign, name, 'email' as type, objective,
    day_date(first_day) as first_day, day_date(last_day) as last_day,
    money(budget) as budget, money(cost) as cost
from (values
    ('CMP-EFFECT', 'Crisps for Kim', 'increment', middle(), middle() + 13, 50, 20),
    ('CMP-NULL', 'A letter to all', 'awareness', 3, 30, 1000, 800),
    ('CMP-WIN', 'Posters on buses', 'Acquisition', 5, 24, 500, 400)
) as campaigns (campaign, name, objective, first_day, last_day, budget, cost)
