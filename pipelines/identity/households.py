"""Households: persons who live or communicate together. A household is never a person."""

import duckdb

from pipelines.identity.clusters import write_components
from pipelines.sql import fetch_one

MAXIMUM_HOUSEHOLD = 10
"""Customers who may share an address, mail or phone; more are a house of flats or a call centre."""

ALONE = "own household"

RULES = (
    ("same family name and address", ("family", "street", "postcode")),
    ("same family name and address", ("family", "street", "city")),
    ("same mail", ("mail",)),
    ("same phone", ("phone",)),
)
"""From the surest to the least sure: what the members of a household share."""

# What a company has too is the office's, and colleagues are no household.
_MEMBERS = """
create or replace temp table household_member as
select
    customer.record_no as customer_no, record.family, record.street, record.postcode,
    record.city,
    case when record.mail not in (
        select mail from source_record where entity = 'company' and mail is not null
    ) then record.mail end as mail,
    case when record.phone not in (
        select phone from source_record where entity = 'company' and phone is not null
    ) then record.phone end as phone
from new_link as link
inner join source_record as record using (source_system, source_id)
inner join anchor as customer on link.customer_id = customer.customer_id
where record.entity in ('person', 'household')
"""

_EDGES = """
insert into household_edge
with sharing as (
    select distinct customer_no, {columns} from household_member where {known}
),
household as (
    select customer_no, min(customer_no) over same as first_no, count(*) over same as member_count
    from sharing
    window same as (partition by {columns})
)
select first_no, customer_no, {rank}
from household
where first_no <> customer_no and member_count <= {maximum}
"""

_HOUSEHOLDS = """
create or replace temp table new_household as
with customer as (
    select distinct customer_no from household_member
),
reason as (
    select customer_no, min(rank) as rank
    from (
        select left_no as customer_no, rank from household_edge
        union all
        select right_no, rank from household_edge
    )
    group by customer_no
),
grouped as (
    select
        anchor.customer_id,
        first_value(anchor.customer_id) over (
            partition by coalesce(household.cluster_no, customer.customer_no)
            order by anchor.first_moment nulls last, anchor.record_no
        ) as elder_id,
        reason.rank
    from customer
    inner join anchor on customer.customer_no = anchor.record_no
    left join household_cluster as household on customer.customer_no = household.record_no
    left join reason using (customer_no)
)
select
    customer_id, 'H' || substr(elder_id, 2) as household_id,
    coalesce({rules}[rank], '{alone}') as rule
from grouped
"""


def write_households(connection: duckdb.DuckDBPyConnection) -> int:
    """Write `new_household` from `new_link` and `anchor`: a row a person or household.

    Returns:
        How many households there are.
    """
    connection.execute(_MEMBERS)
    connection.execute(
        "create or replace temp table household_edge "
        "(left_no integer, right_no integer, rank integer)"
    )
    for rank, (_, columns) in enumerate(RULES, start=1):
        connection.execute(
            _EDGES.format(
                columns=", ".join(columns),
                known=" and ".join(f"{column} is not null" for column in columns),
                rank=rank,
                maximum=MAXIMUM_HOUSEHOLD,
            )
        )
    write_components(connection, edges="household_edge", target="household_cluster")
    connection.execute(_HOUSEHOLDS.format(rules=[rule for rule, _ in RULES], alone=ALONE))
    (count,) = fetch_one(connection, "select count(distinct household_id) from new_household")
    return int(count)
