select day_date(0) as _date, campaign, cell, control, offer, cast(null as text) as promotion
from (values
    ('CMP-EFFECT', 'treated', false, 'three for two'), ('CMP-EFFECT', 'control', true, null),
    ('CMP-NULL', 'treated', false, 'a letter'), ('CMP-NULL', 'control', true, null)
) as cells (campaign, cell, control, offer)
