select
    day_date(joined_second // 86400) as _date,
    'N' || customer_ref[2:] as account,
    given_name,
    family_name,
    upper(email) as mail,
    birth_date as born,
    day_date(joined_second // 86400) + interval 10 hour as registered
from customer
where plant is null and customer_no % 10 = 3
