"""Households: persons who live or communicate together, and when. One is never a person.

A household of a date is what hangs together by what was shared on it. It can be another one only on
the days on which somebody in it, of before or after, began or ceased to share something; just these
customers are looked at on just these days.
"""

import duckdb

from pipelines.identity.clusters import write_components
from pipelines.identity.sharing import FIRST_DATE, LAST_DATE, RULES, write_sharing
from pipelines.sql import fetch_one

ALONE = "own household"

_STATES = f"""
-- Grain: a customer and a day on which its household may be another one than before.
create or replace temp table household_state as
with recursive
sharing as (
    select left_no as one_no, right_no as other_no, from_date, to_date from household_edge
    union all
    select right_no, left_no, from_date, to_date from household_edge
),
turn (customer_no, from_date) as (
    select * from (
        select one_no, unnest([from_date, to_date]) as day
        from sharing
        where from_date > {FIRST_DATE} or to_date < {LAST_DATE}
    )
    where day > {FIRST_DATE} and day < {LAST_DATE}
    union
    select other_no, turn.from_date
    from turn
    inner join sharing
        on
            turn.customer_no = sharing.one_no
            and turn.from_date between sharing.from_date and sharing.to_date
)
select distinct customer_no as state_no, customer_no, {FIRST_DATE} as from_date
from household_bearer
where customer_no is not null
union all
select
    cast(
        (select max(record_no) from source_record)
        + row_number() over (order by customer_no, from_date) as integer
    ),
    customer_no, from_date
from turn
"""

_STATE_EDGES = f"""
create or replace temp table household_state_edge as
select left_no, right_no, rank from household_edge where from_date = {FIRST_DATE}
union all
select one.state_no, other.state_no, rank
from household_edge as edge
inner join household_state as one
    on
        edge.left_no = one.customer_no and one.from_date > {FIRST_DATE}
        and edge.from_date <= one.from_date and edge.to_date > one.from_date
inner join household_state as other
    on edge.right_no = other.customer_no and one.from_date = other.from_date
"""

_HOUSEHOLDS = f"""
create or replace temp table new_household as
with reason as (
    select state_no, min(rank) as rank
    from (
        select left_no as state_no, rank from household_state_edge
        union all
        select right_no, rank from household_state_edge
    )
    group by state_no
),
grouped as (
    select
        anchor.customer_id, state.from_date,
        'H' || substr(first_value(anchor.customer_id) over (
            partition by coalesce(household.cluster_no, state.state_no)
            order by anchor.first_moment nulls last, anchor.record_no
        ), 2) as household_id,
        coalesce({[rule for rule, _ in RULES]}[reason.rank], '{ALONE}') as rule
    from household_state as state
    inner join anchor on state.customer_no = anchor.record_no
    left join household_cluster as household on state.state_no = household.record_no
    left join reason using (state_no)
),
changed as (
    select *
    from grouped
    window customer as (partition by customer_id order by from_date)
    qualify
        household_id is distinct from lag(household_id) over customer
        or rule is distinct from lag(rule) over customer
)
select
    customer_id, household_id, rule, from_date as valid_from_date,
    coalesce(
        lead(from_date) over (partition by customer_id order by from_date) - 1, {LAST_DATE}
    ) as valid_to_date
from changed
"""


def write_households(connection: duckdb.DuckDBPyConnection) -> int:
    """Write `new_household` from `new_link` and `anchor`: a row a person or household, and a span.

    Returns:
        How many households there are today.
    """
    write_sharing(connection)
    connection.execute(_STATES)
    connection.execute(_STATE_EDGES)
    write_components(connection, edges="household_state_edge", target="household_cluster")
    connection.execute(_HOUSEHOLDS)
    (count,) = fetch_one(
        connection,
        f"select count(distinct household_id) from new_household where valid_to_date = {LAST_DATE}",
    )
    return int(count)
