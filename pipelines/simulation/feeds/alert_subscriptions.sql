select day_date(0) as _date, subscription, alert, role, store, delivery, address
from (values
    ('SUB-1', 'key_customer_slipping', 'account manager', null, 'email',
        'canary.alert.7f3a@canary.example.org'),
    ('SUB-2', 'phantom_stock', 'manager', 'S001', 'sms', '+999 777000778'),
    ('SUB-3', 'contact_surge', 'executive', null, 'page', null),
    ('SUB-4', 'climate_mismatch', 'buyer', null, 'email', 'buyer@example.com')
) as subscriptions (subscription, alert, role, store, delivery, address)
