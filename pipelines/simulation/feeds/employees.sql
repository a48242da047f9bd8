-- Five a store; the head office has advisers and agents. One adviser leaves in the middle.
select
    day_date(0) as _date,
    printf('E%03d%d', store_no, place) as employee,
    case when store_no = 1 and place = 1 then 'Canaryname Employeeson'
        else printf('Mitarbeiter Muster %d-%d', store_no, place) end as name,
    store_id as store,
    case place when 5 then 'manager' else 'cashier' end as role,
    'sales' as department,
    region as territory,
    date '2020-01-01' + cast(store_no * 10 + place as integer) as hired,
    cast(null as date) as left_on
from store
cross join range(1, 6) as places (place)
union all
select
    day_date(0), printf('A%03d', number), printf('Beraterin Beispiel %d', number), null,
    case when number <= 3 then 'adviser' when number <= 6 then 'agent' else 'account manager' end,
    case when number <= 3 then 'service' when number <= 6 then 'contact centre' else 'sales' end,
    case number % 3 when 0 then 'Mitte' when 1 then 'Islas' else 'Pohjoinen' end,
    date '2021-01-01',
    case when number = 3 then day_date(getvariable('days') // 2) end
from range(1, 10) as numbers (number)
