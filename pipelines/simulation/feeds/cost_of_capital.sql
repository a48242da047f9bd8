select day_date(0) as _date, '*' as entity, 0.08 as rate
