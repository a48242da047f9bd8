select
    day_date(0) as _date,
    printf('V%03d', supplier_no) as supplier,
    printf('Lieferant Muster %d', supplier_no) as name,
    pick(['DE', 'ES', 'FI', 'PT'], 'supplier', supplier_no) as country,
    2 + supplier_no % 6 as lead_days,
    14 + supplier_no % 3 * 15 as payment_days
from range(1, 21) as numbers (supplier_no)
