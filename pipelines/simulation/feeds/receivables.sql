select
    extract_date as _date, document_no as document, 1 as line, customer_ref as customer,
    document_type as type, posted_date as posted, due_date as due,
    case when cleared_date <= extract_date then cleared_date end as cleared,
    amount,
    case when cleared_date <= extract_date then money(0) else amount end as open,
    'EUR' as currency,
    money(20000) as "limit"
from receivable
inner join (
    select day_date(day) as extract_date
    from range(getvariable('days')) as days (day)
    where day % 7 = 6
) as extracts on posted_date <= extract_date
