"""Which members have other versions now, and on which dates facts and marts stand on them.

Dimensions keep versions: what the master said of a member from one date to another. An extract that
was back-dated, or came late, moves these dates; the facts of just the moved dates have new keys. Of
a dimension just the members that changed are replaced, by macros/replace_members.sql.
"""

from collections.abc import Collection
from collections.abc import Set as AbstractSet

import duckdb

from pipelines.warehouse.dimensions import DIMENSIONS, LINKS, VERSIONED_FACTS, Dimension
from pipelines.warehouse.members import has_kept, write_changed_members


def write_changed_versions(
    connection: duckdb.DuckDBPyConnection, changed_feeds: Collection[str] | None
) -> None:
    """Write down the members and the dates of facts whose version is another now.

    Dates are added to `ledger.changed_business_date`. The members to replace go to
    `history.changed_<entity>`, and to `history.<entity>_version` what they are replaced by.

    Args:
        connection: On raw.duckdb, with the warehouse attached as `warehouse`.
        changed_feeds: What changed since the warehouse was built; None when that is not known.
    """

    def has_changed(feeds: AbstractSet[str]) -> bool:
        return changed_feeds is None or not feeds.isdisjoint(changed_feeds)

    connection.execute("create schema if not exists history")
    compared = [d for d in DIMENSIONS if has_changed(d.feeds) or not has_kept(connection, d)]
    for dimension in compared:
        # Once, since for some 100,000 customers it takes seconds.
        connection.execute(
            f"create or replace temporary table now_{dimension.entity} as "
            f"from raw.intermediate.{dimension.versions}"
        )
        connection.execute(_changed_spans(dimension))
        for fact, (first, last, entities) in VERSIONED_FACTS.items():
            if dimension.entity in entities:
                connection.execute(_dates_of_spans(dimension, fact, first, last))
    if has_changed({LINKS}):
        connection.execute(_DATES_OF_LINKS)
    for dimension in DIMENSIONS:
        if has_changed(dimension.group_feeds):
            connection.execute(_dates_of_groups(dimension))
    for dimension in DIMENSIONS:
        write_changed_members(
            connection,
            dimension,
            has_new_versions=dimension in compared,
            has_new_today=dimension.today is not None and has_changed(dimension.today.feeds),
        )


def _changed_spans(dimension: Dimension) -> str:
    """A temporary table of members and spans of dates in which another version holds than did.

    A member that no master knows has one version for all time, now as then. Versions are told apart
    by their first date, which with the member makes their key.
    """
    return f"""
        create or replace temporary table changed_span as
        with
        then_version as (
            select {dimension.entity}_id as member_id, valid_from_date, valid_to_date
            from warehouse.core.dim_{dimension.entity}
        ),
        known_version as (
            select {dimension.entity}_id as member_id, valid_from_date, valid_to_date
            from now_{dimension.entity}
        ),
        now_version as (
            from known_version
            union all
            select distinct member_id, date '1900-01-01', date '9999-12-31'
            from then_version
            where member_id not in (select member_id from known_version)
        )
        select
            member_id,
            greatest(now_version.valid_from_date, then_version.valid_from_date) as from_date,
            least(now_version.valid_to_date, then_version.valid_to_date) as to_date
        from now_version
        inner join then_version using (member_id)
        where now_version.valid_from_date <> then_version.valid_from_date
            and now_version.valid_from_date <= then_version.valid_to_date
            and now_version.valid_to_date >= then_version.valid_from_date
    """


def _dates_of_spans(dimension: Dimension, fact: str, first: str, last: str) -> str:
    """Of a fact that holds for some days, the first of them that is in a span."""
    return f"""
        insert into ledger.changed_business_date
        select distinct greatest(fact.{first}, span.from_date), true
        from warehouse.core.{fact} as fact
        inner join changed_span as span
            on fact.{dimension.entity}_id = span.member_id
            and fact.{first} <= span.to_date
            and fact.{last} >= span.from_date
        where greatest(fact.{first}, span.from_date) not in (
            select business_date from ledger.changed_business_date
        )
    """


def _dates_of_groups(dimension: Dimension) -> str:
    """Dates that sold to, in or of a member which marts group otherwise now.

    A member that no fact names yet has no dates, so that it may stand on one side only.
    """
    return f"""
        insert into ledger.changed_business_date
        with
        now_member as ({dimension.groups_now}),
        then_member as ({dimension.groups_then}),
        changed_member as (
            select member_id from (from now_member except from then_member)
            union
            select member_id from (from then_member except from now_member)
        )
        select distinct business_date, false
        from warehouse.core.fct_sales
        where {dimension.entity}_id in (select member_id from changed_member)
            and business_date not in (select business_date from ledger.changed_business_date)
    """


_DATES_OF_LINKS = """
    insert into ledger.changed_business_date
    with
    now_link as (
        select source_system, source_id, customer_id
        from raw.identity.xref_customer_identity where unlinked_at is null
    ),
    then_link as (
        select source_system, source_id, customer_id
        from warehouse.core.xref_customer_identity where unlinked_at is null
    ),
    changed_link as (
        select source_id from (from now_link except from then_link)
        union
        select source_id from (from then_link except from now_link)
    )
    select distinct business_date, true
    from warehouse.core.fct_sales
    where customer_ref in (select source_id from changed_link)
        and business_date not in (select business_date from ledger.changed_business_date)
"""
"""Dates of references that may mean another customer now: a link was made, ended or moved."""
