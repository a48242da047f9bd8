"""Source records in a form that can be compared: `source_record`, a temporary table.

Everything after it works on record numbers. They follow the order of systems and ids, so nothing
depends on the order in which files were loaded.
"""

from pathlib import Path

import duckdb

from pipelines.feeds.contact_forms import WITH_CALLING_CODE, normalised_mail, normalised_phone
from pipelines.feeds.contract import load_contracts
from pipelines.feeds.erased import is_erased
from pipelines.sql import fetch_one, literal

PRIORITY_SEED = "source_priority.csv"

MAXIMUM_SHARING = 20
"""A mail address or phone that more records bear is a counter's or a call centre's: no evidence."""

MAXIMUM_CARDS = 5
"""A customer reference on receipts of more cards is a till's default, not a person."""


def minted_id(text: str) -> str:
    """SQL: the customer id made of a number, as `macros/identity.sql` makes it in the warehouse."""
    return f"'P' || left(md5({text}), 16)"


NAME_MACROS = r"""
-- A name without case, accents, titles, blanks and signs; umlauts as one letter however written.
create or replace temp macro folded_name(text) as nullif(regexp_replace(
    regexp_replace(
        replace(replace(replace(replace(replace(replace(
            strip_accents(lower(text)), 'ß', 'ss'), 'ø', 'o'), 'æ', 'a'), 'ae', 'a'), 'oe', 'o'),
            'ue', 'u'),
        '^\s*(herr|frau|mrs?|ms|dr|prof)[. ]+', ''),
    '[^\p{L}\p{N}]+', '', 'g'), '');
create or replace temp macro folded_street(text) as
    nullif(regexp_replace(replace(replace(strip_accents(lower(text)), 'ß', 'ss'), 'strasse', 'str'),
        '[^\p{L}\p{N}]+', '', 'g'), '');
-- What forms put in where nobody knew the day.
create or replace temp macro known_birth_date(day) as
    case when day > date '1900-01-01' and day <> date '1970-01-01' then day end;
"""
"""SQL that creates the forms in which names, streets and birth dates are compared."""

SHARED_FORMS = f"""
    folded_name(family_name) as family,
    {normalised_mail("email")} as mail,
    {normalised_phone("phone", "calling_code", "trunk_prefix")} as phone,
    folded_street(street) as street,
    nullif(regexp_replace(upper(postcode), '[^A-Z0-9]+', '', 'g'), '') as postcode,
    folded_name(city) as city"""
"""SQL of what people of one household may share, as it is compared."""

_COUNTED = """
create or replace temp view counted_{feed} as
select feed_row.* replace ({kept}) from feeds.{feed} as feed_row
anti join ledger.excluded_row as excluded
    on
        excluded.feed = '{feed}'
        and feed_row._file_id = excluded.file_id
        and feed_row._line_number = excluded.line_number
where {whole}
"""

FEEDS = ("crm_customer", "crm_lead", "crm_opportunity", "loyalty_event")
"""Feeds whose files decide links."""

RECEIPTS = "pos_transaction"
"""Of receipts only the pairs of customer and card decide links."""

_CARD_EVIDENCE = """
-- Grain: a customer reference and a card that receipts name together, and the first day.
create or replace temp table receipt_pair as
select customer_ref, loyalty_id, min(business_date) as first_date
from counted_pos_transaction
where
    customer_ref is not null and loyalty_id is not null and customer_ref <> loyalty_id
    and not coalesce(training_flag, false) and not coalesce(cancel_flag, false)
group by customer_ref, loyalty_id
"""

_LEAD_EVIDENCE = """
-- Grain: a lead, with the customer that its newest step names.
create or replace temp table lead_reference as
select
    lead_id, min(changed_ts) as first_ts,
    max_by(customer_ref, (changed_ts, customer_ref))
        filter (where customer_ref is not null) as customer_ref
from (
    select lead_id, changed_ts, customer_ref from counted_crm_lead
    union all
    select lead_id, changed_ts, customer_ref from counted_crm_opportunity where lead_id is not null
)
group by lead_id
"""

_DELIVERED = """
-- Grain: a source system and its own number. What a deletion leaves is the state before it.
create or replace temp table delivered_record as
with state as (
    select
        *,
        min(coalesce(created_ts, extract_ts)) over record as first_moment,
        min(extract_ts) over record as first_extract_ts,
        hash(family_name, email, phone, street, postcode, city, country) as told,
        min(told) over record <> max(told) over record as has_changed,
        row_number() over (record order by coalesce(op, 'U') = 'D', extract_ts desc) as recency
    from counted_crm_customer
    window record as (partition by source_system, source_customer_id)
),
customer as (
    select
        source_system, source_customer_id as source_id, cast(first_moment as timestamp) as moment,
        coalesce(customer_type, 'person') as entity, given_name, family_name, email, phone,
        birth_date, street, postcode, city, country,
        cast(first_extract_ts as date) as first_extract_date, has_changed
    from state
    where recency = 1
),
master as (
    from customer
    union all by name
    select 'loyalty' as source_system, loyalty_id as source_id,
        cast(min(coalesce(event_ts, event_date)) as timestamp) as moment
    from counted_loyalty_event group by loyalty_id
    union all by name
    select 'loyalty' as source_system, loyalty_id as source_id,
        cast(min(first_date) as timestamp) as moment
    from receipt_pair group by loyalty_id
    union all by name
    select 'lead' as source_system, lead_id as source_id, cast(first_ts as timestamp) as moment
    from lead_reference
),
reference as (
    select customer_ref as source_id, cast(min(first_moment) as timestamp) as moment
    from (
        select customer_ref, first_date as first_moment from receipt_pair
        union all
        select customer_ref, first_ts from lead_reference where customer_ref is not null
    )
    anti join master on customer_ref = master.source_id
    group by customer_ref
)
select
    source_system, source_id, min(moment) as first_moment, any_value(entity) as entity,
    any_value(given_name) as given_name, any_value(family_name) as family_name,
    any_value(email) as email, any_value(phone) as phone, any_value(birth_date) as birth_date,
    any_value(street) as street, any_value(postcode) as postcode, any_value(city) as city,
    any_value(country) as country, any_value(first_extract_date) as first_extract_date,
    coalesce(any_value(has_changed), false) as has_changed
from (from master union all by name select 'reference' as source_system, * from reference)
group by source_system, source_id
"""

_RECORDS = f"""
-- Grain: a source record. Customer ids are minted from the data alone; see docs/identity.md.
create or replace temp table source_record as
with folded as (
    select
        source_system, source_id, first_moment, entity,
        folded_name(given_name) as given, {SHARED_FORMS},
        known_birth_date(birth_date) as birth_date,
        coalesce(priority, 1000) as priority, first_extract_date, has_changed
    from delivered_record as customer
    left join source_priority using (source_system)
    {WITH_CALLING_CODE}
)
select
    cast(row_number() over (order by priority, source_system, source_id) as integer) as record_no,
    * replace (
        case when count(*) over (partition by mail) <= {MAXIMUM_SHARING} then mail end as mail,
        case when count(*) over (partition by phone) <= {MAXIMUM_SHARING} then phone end as phone
    ),
    row_number() over (claim order by priority, source_system) = 1 as is_first_claim,
    case
        when is_first_claim then {minted_id("source_id")}
        else {minted_id("source_system || '|' || source_id")}
    end as minted_id
from folded
window claim as (partition by source_id)
"""


def write_records(connection: duckdb.DuckDBPyConnection, priorities: Path) -> int:
    """Write `source_record` from what counts in the feeds.

    Args:
        connection: A connection on raw.duckdb.
        priorities: The seed source_priority.csv.

    Returns:
        How many records there are.
    """
    write_evidence(connection)
    connection.execute(
        "create or replace temp table source_priority as "
        f"select * from read_csv({literal(str(priorities))}, "
        "columns = {'source_system': 'varchar', 'priority': 'bigint'}, header = true)"
    )
    connection.execute(_DELIVERED)
    connection.execute(_RECORDS)
    (count,) = fetch_one(connection, "select count(*) from source_record")
    return int(count)


def write_evidence(connection: duckdb.DuckDBPyConnection) -> None:
    """Write what receipts and leads say of customers: `receipt_pair` and `lead_reference`."""
    connection.execute(NAME_MACROS)
    for feed in (*FEEDS, RECEIPTS):
        connection.execute(_counted(feed))
    connection.execute(_CARD_EVIDENCE)
    connection.execute(_LEAD_EVIDENCE)


def _counted(feed: str) -> str:
    """The rows of a feed that count. Who was erased is nobody: one word stands for all of them."""
    columns = load_contracts()[feed].customer_columns
    kept = ", ".join(
        f"case when not {is_erased(c.name)} then {c.name} end as {c.name}" for c in columns
    )
    required = [f"not {is_erased(f'feed_row.{c.name}')}" for c in columns if c.required]
    return _COUNTED.format(feed=feed, kept=kept, whole=" and ".join(required) or "true")
