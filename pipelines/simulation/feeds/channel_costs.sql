select day_date(0) as _date, channel, activity, money(cost) as cost
from (values
    ('branch', 'contact', 6.00), ('call', 'contact', 4.00), ('chat', 'contact', 1.50),
    ('mail', 'contact', 1.00), ('ivr', 'contact', 0.20), ('store', 'order', 0.80),
    ('web', 'order', 0.50), ('web', 'delivery', 4.50), ('store', 'return', 2.00)
) as costs (channel, activity, cost)
