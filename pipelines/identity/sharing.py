"""Who shared a name and address, a mail or a phone with whom, from when to when.

Days to which something holds are the first on which it does no longer, so that spans meet.
"""

import duckdb

from pipelines.feeds.contact_forms import WITH_CALLING_CODE
from pipelines.identity.records import SHARED_FORMS

FIRST_DATE = "date '1900-01-01'"
"""SQL: what was told first holds since ever, as first versions do in the warehouse."""

LAST_DATE = "date '9999-12-31'"
"""SQL: what was told last holds for ever."""

MAXIMUM_HOUSEHOLD = 10
"""Customers who may share an address, mail or phone; more are a house of flats or a call centre."""

RULES = (
    ("same family name and address", ("family", "street", "postcode")),
    ("same family name and address", ("family", "street", "city")),
    ("same mail", ("mail",)),
    ("same phone", ("phone",)),
)
"""From the surest to the least sure: what the members of a household share."""

# What a deletion tells is left out, as it is of the newest state.
_FORMER = f"""
-- Grain: a record and a span in which it told something else than it does now.
create or replace temp table former_state as
with told as (
    select record_no, cast(extract_ts as date) as day, {SHARED_FORMS}
    from (
        select customer.*, record_no
        from counted_crm_customer as customer
        inner join source_record as record
            on customer.source_system = record.source_system
            and customer.source_customer_id = record.source_id
        where has_changed and coalesce(op, 'U') <> 'D'
    ) as customer
    {WITH_CALLING_CODE}
    qualify row_number() over (partition by record_no, day order by extract_ts desc) = 1
),
changed as (
    select
        record_no, day,
        {{'family': family, 'street': street, 'postcode': postcode, 'city': city, 'mail': mail,
            'phone': phone}} as state
    from told
    qualify state is distinct from lag(state) over (partition by record_no order by day)
)
select record_no, day as from_date, lead(day) over (partition by record_no order by day) as to_date,
    unnest(state)
from changed
qualify to_date is not null
"""

# Which records are a person's is known as of today, and so is that a record is a company's.
_BEARERS = f"""
-- Grain: a record and a span. Companies have no customer_no: what they bear is the office's.
create or replace temp table household_bearer as
with bearer as (
    select record.*, customer.record_no as customer_no, record.entity = 'company' as is_company
    from new_link as link
    inner join source_record as record using (source_system, source_id)
    inner join anchor as customer on link.customer_id = customer.customer_id
    where record.entity in ('person', 'household', 'company')
),
told as (
    select
        customer_no, is_company, family, street, postcode, city, mail, phone,
        coalesce(former.to_date, first_extract_date) as from_date, {LAST_DATE} as to_date
    from bearer
    left join (
        select record_no, max(to_date) as to_date from former_state group by record_no
    ) as former using (record_no)
    union all
    select
        customer_no, is_company, former.family, former.street, former.postcode, former.city,
        former.mail, former.phone, former.from_date, former.to_date
    from bearer
    inner join former_state as former using (record_no)
)
select
    case when not is_company then customer_no end as customer_no,
    case when not is_company then family end as family, street, postcode, city, mail, phone,
    case when from_date = min(from_date) over (partition by customer_no) then {FIRST_DATE}
        else from_date end as from_date,
    to_date
from told
"""

# Most of what is shared was so since ever: one look at each key tells.
_LASTING = f"""
insert into household_edge
with bearer as (
    select
        customer_no, {{columns}},
        bool_or(from_date = {FIRST_DATE} and to_date = {LAST_DATE}) as is_lasting
    from household_bearer
    where {{known}}
    group by customer_no, {{columns}}
),
household as (
    select
        customer_no, min(customer_no) over same as first_no,
        count(*) over same as bearer_count, count(customer_no) over same as member_count,
        bool_and(is_lasting) over same as is_lasting
    from bearer
    window same as (partition by {{columns}})
)
select first_no, customer_no, {{rank}}, {FIRST_DATE}, {LAST_DATE}
from household
where
    is_lasting and first_no <> customer_no and bearer_count = member_count
    and member_count <= {MAXIMUM_HOUSEHOLD}
"""

_CHANGING = f"""
insert into changing_key
select {{rank}}, concat_ws('|', {{columns}}), customer_no, from_date, to_date
from household_bearer
where {{known}} and ({{columns}}) in (
    select ({{columns}}) from household_bearer
    where {{known}} and (from_date > {FIRST_DATE} or to_date < {LAST_DATE})
)
"""

# Of a key whose bearers came and went, the spans in which it made a household.
_DATED = f"""
insert into household_edge
with begun as (
    select
        *,
        coalesce(from_date > max(to_date) over (
            bearer rows between unbounded preceding and 1 preceding
        ), false) as is_begun
    from changing_key
    window bearer as (partition by rank, key, customer_no order by from_date, to_date)
),
numbered as (
    select
        *,
        count(*) filter (where is_begun) over (
            partition by rank, key, customer_no order by from_date, to_date
        ) as span_no
    from begun
),
bearing as (
    select rank, key, customer_no, min(from_date) as from_date, max(to_date) as to_date
    from numbered
    group by rank, key, customer_no, span_no
),
turn as (
    select
        rank, key, day, sum(sign) filter (where customer_no is not null) as member_change,
        sum(sign) filter (where customer_no is null) as company_change
    from (
        select rank, key, customer_no, from_date as day, 1 as sign from bearing
        union all
        select rank, key, customer_no, to_date, -1 from bearing
    )
    group by rank, key, day
),
span as (
    select
        rank, key, day as from_date, lead(day) over same as to_date,
        coalesce(sum(member_change) over same, 0) as member_count,
        coalesce(sum(company_change) over same, 0) as company_count
    from turn
    window same as (partition by rank, key order by day)
),
household as (
    select
        span.*, customer_no,
        min(customer_no) over (partition by rank, key, span.from_date) as first_no
    from span
    inner join bearing using (rank, key)
    where
        member_count between 2 and {MAXIMUM_HOUSEHOLD} and company_count = 0
        and bearing.from_date <= span.from_date and bearing.to_date >= span.to_date
)
select first_no, customer_no, rank, from_date, to_date
from household
where first_no <> customer_no
"""


def write_sharing(connection: duckdb.DuckDBPyConnection) -> None:
    """Write `household_bearer` and `household_edge`: which customers shared something, and when.

    Args:
        connection: Where `source_record`, `new_link` and `anchor` stand.
    """
    connection.execute(_FORMER)
    connection.execute(_BEARERS)
    connection.execute(
        """
        create or replace temp table household_edge
            (left_no integer, right_no integer, rank integer, from_date date, to_date date);
        create or replace temp table changing_key
            (rank integer, key text, customer_no integer, from_date date, to_date date)
        """
    )
    for rank, (_, columns) in enumerate(RULES, start=1):
        for statement in (_LASTING, _CHANGING):
            connection.execute(
                statement.format(
                    columns=", ".join(columns),
                    known=" and ".join(f"{column} is not null" for column in columns),
                    rank=rank,
                )
            )
    connection.execute(_DATED)
