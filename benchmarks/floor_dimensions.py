"""The dimensions of the floor in plain SQL, each member in its only version."""

from datetime import date

COUNTS = "not void and type in ('sale', 'return')"
_SPECIAL = "select 'unknown' as id union all select 'not applicable'"

_KEY = """
    case {id}
        when 'unknown' then -1 when 'not applicable' then -2 when 'erased' then -3
        when 'no promotion' then 0
        else cast('0x' || substr(md5({id}), 1, 15) as bigint)
    end"""

_IS_INFERRED = (
    "{master} is null and {id} not in ('unknown', 'not applicable', 'erased', 'no promotion')"
    " as is_inferred"
)

CUSTOMER = "'P' || substr(md5({}), 1, 16)"
"""The customer that a card means where no ledger links it to another."""

_FIELD_SOURCES = """
    case when card is not null then concat_ws(
        ' ', 'customer_type=crm',
        case when born is not null then 'birth_year=crm' end,
        case when postcode is not null then 'postal_region=crm postal_area=crm' end,
        case when home_store is not null then 'home_store_id=crm' end,
        case when joined is not null then 'acquisition_date=crm' end
    ) end as field_sources"""

_ONE_VERSION = (
    "date '1900-01-01' as valid_from_date, date '9999-12-31' as valid_to_date, true as is_current"
)
"""Masters of this retailer come once."""

DIMENSIONS = {
    "dim_store": """
        select
            {key} as store_key, id as store_id, coalesce(name, id) as store_name, format,
            opened as open_date, cast(null as date) as close_date,
            cast(null as date) as remodel_date, area as selling_area_m2, region,
            coalesce(region, 'unknown') as territory_id, cast(null as varchar) as district,
            cast(null as varchar) as climate_zone,
            coalesce(cluster, 'unclustered') as cluster_code, cast(null as varchar) as time_zone,
            country, {one_version}, {is_inferred}
        from {members} left join raw.feeds.stores as master on id = master.store""",
    "dim_product": """
        select
            {key} as product_key, id as product_id, lpad(barcode, 14, '0') as gtin,
            coalesce(name, id) as product_name, coalesce(department, 'Unknown') as department_name,
            coalesce(category, 'Unknown') as category_name, 'Unknown' as subcategory_name,
            'Unknown' as level_4_name, 'Unknown' as level_5_name,
            coalesce(brand, 'Unknown') as brand_name, size as pack_size,
            cast(null as varchar) as season, cast(null as varchar) as climate_tag,
            own_brand as is_private_label, cast(null as varchar) as manufacturer_id,
            cast(null as date) as launch_date, cast(null as date) as delist_date,
            {one_version}, {is_inferred}
        from {members} left join raw.feeds.items as master on id = master.item""",
    "dim_customer": """
        select
            {key} as customer_key, id as customer_id,
            case when card is not null then 'H' || substr(id, 2) else id end as household_id,
            case when card is not null then 'crm' end as source_system,
            case when card is not null then 'person' end as customer_type,
            year(born) as birth_year, cast(null as varchar) as gender,
            cast(null as varchar) as country, substr(postcode, 1, 1) as postal_region,
            substr(postcode, 1, 2) as postal_area, home_store as home_store_id,
            cast(joined as date) as acquisition_date,
            cast(null as varchar) as acquisition_channel,
            cast(null as varchar) as acquisition_campaign_id,
            cast(null as varchar) as owner_employee_id,
            cast(null as varchar) as loyalty_tier_name,
            case when card is not null then 'exact' end as identity_confidence_code,
            false as has_marketing_consent,
            cast(null as varchar) as age_band,
            cast(null as varchar) as income_band, cast(null as varchar) as marital_status,
            cast(null as varchar) as home_ownership, cast(null as varchar) as household_size,
            cast(null as varchar) as household_composition,
            cast(null as varchar) as children_count, {field_sources},
            {one_version}, {is_inferred}
        from {members} left join raw.feeds.customers as master on id = {customer}""",
    "dim_promotion": """
        select
            {key} as promotion_key, id as promotion_id, coalesce(name, id) as promotion_name,
            type as promotion_type, cast(null as varchar) as mechanic,
            cast(null as varchar) as display, cast(null as varchar) as ad,
            cast(null as varchar) as funding, first_day as start_date, last_day as end_date,
            {is_inferred}
        from {members} left join raw.feeds.promotions as master on id = master.promotion""",
}

_MASTERS = {
    "dim_store": ("raw.feeds.stores", "store"),
    "dim_product": ("raw.feeds.items", "item"),
    "dim_customer": ("raw.feeds.customers", "card"),
    "dim_promotion": ("raw.feeds.promotions", "promotion"),
}
"""Master table and its id column, by dimension."""

_NAMED_BY = {
    "dim_store": ("sales", "coverage"),
    "dim_product": ("sales", "coverage"),
    "dim_customer": ("sales",),
    "dim_promotion": ("coverage",),
}
"""Feeds whose rows name members of a dimension."""


def dimension(name: str, ids: str) -> str:
    """The query of a dimension's rows, of these ids."""
    return DIMENSIONS[name].format(
        key=_KEY.format(id="id"),
        is_inferred=_IS_INFERRED.format(id="id", master=f"master.{_MASTERS[name][1]}"),
        members=f"{ids} as member",
        one_version=_ONE_VERSION,
        customer=CUSTOMER.format("master.card"),
        field_sources=_FIELD_SOURCES,
    )


def _id(name: str, column: str) -> str:
    return CUSTOMER.format(column) if name == "dim_customer" else column


def id_of(name: str) -> str:
    """The column of a dimension's durable id."""
    return f"{name.removeprefix('dim_')}_id"


def members(name: str) -> str:
    """Ids of all members of a dimension."""
    master, own = _MASTERS[name]
    return (
        f"(select {_id(name, own)} as id from {master} union {named(name)}"
        f" union {_SPECIAL} union select 'no promotion' where {name == 'dim_promotion'}"
        f" union select 'erased' where {name == 'dim_customer'})"
    )


def named(name: str, day: date | None = None) -> str:
    """Ids of a dimension that rows name; those of one day when it is given."""
    own = _MASTERS[name][1]
    parts = []
    for feed in _NAMED_BY[name]:
        if feed == "sales":
            dated = f" and business_date = date '{day}'" if day else ""
            parts.append(
                f"select {_id(name, own)} as id from (select distinct {own} "
                f"from raw.feeds.sales where {COUNTS} and {own} is not null{dated})"
            )
        else:
            dated = f" where first_day = date '{day}'" if day else ""
            parts.append(f"select distinct {own} as id from raw.feeds.coverage{dated}")
    return " union ".join(parts)
