select
    day_date(day) as _date, campaign, cell, customer_ref as customer, event,
    day_date(day) + interval 1 second * (28800 + customer_no % 10000) as at
from touch
