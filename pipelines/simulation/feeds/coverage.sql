select
    day_date(week * 7) as _date,
    promotion_code(week, promotion_no) as promotion,
    item_code(item_no) as item,
    store_code(store_no) as store,
    day_date(week * 7 + 6) as last_day
from coverage
