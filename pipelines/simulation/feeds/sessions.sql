select
    session.business_date as _date,
    delivery.part as _part,
    store.store_id as store,
    cast(session.till_no as varchar) as till,
    1 as session,
    session.open_at as opened_at,
    session.close_at as closed_at,
    'cash' as tender,
    session.expected_amount as expected,
    session.counted_amount as counted,
    session.float_amount as float_money,
    session.z_total_net as z_net,
    session.z_txn_count as z_receipts
from session
inner join store using (store_no)
inner join delivery
    on session.business_date = delivery.business_date and session.store_no = delivery.store_no
