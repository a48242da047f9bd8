-- The master is taken on the first day and again after the remodelling, with the new area.
select
    extract.date as _date,
    store_id as store,
    store_name as name,
    format,
    open_date as opened,
    cast(null as date) as closed,
    case when extract.is_later and store_no = getvariable('stores')
        then day_date(getvariable('remodel_last')) end as remodelled,
    case when extract.is_later and store_no = getvariable('stores')
        then money(selling_area_m2 * 1.2) else selling_area_m2 end as area,
    region,
    district,
    climate_zone as climate,
    cluster,
    time_zone as zone,
    country,
    legal_entity as entity,
    price_zone
from store
cross join (values
    (day_date(0), false), (day_date(getvariable('remodel_last') + 1), true)
) as extract (date, is_later)
