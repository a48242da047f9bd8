-- The first extract lacks the item that was sold before its master came; jam 13 is delisted and
-- sold on as item 14 with another category.
select
    extract.date as _date,
    item_code(item_no) as item,
    gtin as barcode,
    item_name as name,
    level_1 as department,
    level_2 as category,
    level_3 as subcategory,
    level_3 || ' ' || case when price < 5 then 'basic' else 'premium' end as class,
    level_3 || ' ' || case when is_weighed then 'loose' else 'packed' end as subclass,
    pick(['Hofgut', 'Sonnenalm', 'Nordlys', 'Café Prado', 'Åkerö', 'Bonfire', 'Vale', 'Mondego'],
        'brand', item_no) as brand,
    case when is_weighed then '1 kg' else printf('%d g', 50 + item_no % 20 * 50) end as size,
    season,
    climate_tag as climate,
    is_private_label as own_brand,
    case when item_no = 14 then day_date(35) else date '2019-01-01' end as launched,
    case when item_no = 13 and extract.is_later then day_date(34) end as delisted,
    printf('M%02d', item_no % 17) as maker
from item
cross join (values (day_date(0), false), (day_date(35), true)) as extract (date, is_later)
where extract.is_later or role is null or role not in ('late_master', 'recoded_new')
