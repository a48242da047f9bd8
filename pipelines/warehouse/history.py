"""Which members have other versions now, and on which dates facts and marts stand on them.

Dimensions keep versions: what the master said of a member from one date to another. An extract that
was back-dated, or came late, moves these dates; the facts of just the moved dates have new keys. Of
a dimension of many members just those that changed are replaced, by macros/replace_members.sql.
"""

from collections.abc import Collection
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A dimension that keeps versions, and what they are made of.

    Attributes:
        entity: Its name, as in dim_<entity> and <entity>_id.
        versions: The view of its members' versions as raw.duckdb has them now, without those
            members that only facts name.
        feeds: What the versions are made from.
        groups_now: What marts group its members by, as raw.duckdb has it now: a query of member_id
            and further columns, from `now_<entity>`, the versions of now. Marts show groups as
            they are today, so a change of one is a change on all dates of the member.
        groups_then: The same of the warehouse.
        has_versions: Of a dimension that is replaced by member: the condition that tells a row
            of it that was made of a version from one of a member that only facts name. None where
            the dimension is always built whole.
    """

    entity: str
    versions: str
    feeds: frozenset[str]
    groups_now: str
    groups_then: str
    has_versions: str | None = None


LINKS = "identity.xref_customer_identity"
HOUSEHOLDS = "identity.household"

DIMENSIONS = (
    Dimension(
        entity="store",
        versions="int_store__versioned",
        feeds=frozenset({"store"}),
        groups_now="""
            select store_id as member_id, coalesce(cluster_code, 'unclustered') as cluster_code
            from now_store where valid_to_date = date '9999-12-31'""",
        groups_then="""
            select store_id as member_id, cluster_code
            from warehouse.core.dim_store where is_current and not is_inferred""",
    ),
    Dimension(
        entity="product",
        versions="int_product__named",
        feeds=frozenset({"item"}),
        groups_now="""
            select product_id as member_id, product_name, department_name, category_name, brand_name
            from now_product where valid_to_date = date '9999-12-31'""",
        groups_then="""
            select product_id as member_id, product_name, department_name, category_name, brand_name
            from warehouse.core.dim_product where is_current and not is_inferred""",
    ),
    Dimension(
        entity="customer",
        versions="int_customer__versioned",
        feeds=frozenset({"crm_customer", LINKS, HOUSEHOLDS}),
        groups_now="""
            select
                member.customer_id as member_id,
                coalesce(household.household_id, member.customer_id) as household_id
            from warehouse.core.dim_customer as member
            left join raw.identity.household as household using (customer_id)
            where member.is_current""",
        groups_then="""
            select customer_id as member_id, household_id
            from warehouse.core.dim_customer where is_current""",
        has_versions="field_sources is not null",
    ),
)

VERSION_VIEWS = tuple(dimension.versions for dimension in DIMENSIONS)
"""Views that must stand in raw.duckdb before versions can be compared."""

VERSIONED_FACTS = {
    "fct_sales": ("business_date", "business_date", ("store", "product", "customer")),
    "fct_payments": ("business_date", "business_date", ("store",)),
    "fct_pos_exception": ("business_date", "business_date", ("store",)),
    "fct_stock_movement": ("business_date", "business_date", ("store", "product")),
    "fct_promo_coverage": ("from_date", "from_date", ("store", "product")),
    "fct_inventory_snapshot": ("from_date", "to_date", ("store", "product")),
}
"""Facts that a night replaces by date, with the first and last date of a row and its dimensions."""


def write_changed_versions(
    connection: duckdb.DuckDBPyConnection, changed_feeds: Collection[str] | None
) -> None:
    """Write down the members and the dates of facts whose version is another now.

    Dates are added to `ledger.changed_business_date`. The members of a dimension that is replaced
    by member go to `history.changed_<entity>`, their versions to the table beside it.

    Args:
        connection: On raw.duckdb, with the warehouse attached as `warehouse`.
        changed_feeds: What changed since the warehouse was built; None when that is not known.
    """
    changed = [d for d in DIMENSIONS if changed_feeds is None or d.feeds & set(changed_feeds)]
    for dimension in changed:
        # Once, since for some 100,000 customers it takes seconds.
        connection.execute(
            f"create or replace temporary table now_{dimension.entity} as "
            f"from raw.intermediate.{dimension.versions}"
        )
        connection.execute(_changed_spans(dimension))
        for fact, (first, last, entities) in VERSIONED_FACTS.items():
            if dimension.entity in entities:
                connection.execute(_dates_of_spans(dimension, fact, first, last))
    if changed_feeds is None or LINKS in changed_feeds:
        connection.execute(_DATES_OF_LINKS)
    for dimension in changed:
        connection.execute(_changed_groups(dimension))
        connection.execute(_dates_of_groups(dimension))
    connection.execute("create schema if not exists history")
    for dimension in DIMENSIONS:
        if dimension.has_versions and dimension in changed:
            _write_changed_members(connection, dimension)
        elif dimension.has_versions:
            connection.execute(_no_changed_members(dimension))


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


def _changed_groups(dimension: Dimension) -> str:
    """A temporary table of the members that marts group otherwise now."""
    return f"""
        create or replace temporary table changed_{dimension.entity}_group as
        with
        now_member as ({dimension.groups_now}),
        then_member as ({dimension.groups_then})
        select member_id from (from now_member except from then_member)
        union
        select member_id from (from then_member except from now_member)
    """


def _dates_of_groups(dimension: Dimension) -> str:
    """Dates that sold to, in or of a member which marts group otherwise now.

    A member that no fact names yet has no dates, so that it may stand on one side only.
    """
    return f"""
        insert into ledger.changed_business_date
        select distinct business_date, false
        from warehouse.core.fct_sales
        where {dimension.entity}_id in (select member_id from changed_{dimension.entity}_group)
            and business_date not in (select business_date from ledger.changed_business_date)
    """


def _write_changed_members(connection: duckdb.DuckDBPyConnection, dimension: Dimension) -> None:
    """Write down the members of whom a row is another now, and their versions.

    A row is compared whole, so that it does not matter what changed it: an extract that came, was
    replaced or withdrawn, a link that moved.
    """
    entity = dimension.entity
    names = [name for (name,) in connection.execute(_COLUMNS.format(entity=entity)).fetchall()]
    now, then = (", ".join(f"{side}_version.{n}" for n in names) for side in ("now", "then"))
    connection.execute(
        f"""
        create or replace table history.changed_{entity} as
        with then_version as (
            from warehouse.core.dim_{entity} where {dimension.has_versions}
        )
        select coalesce(now_version.{entity}_id, then_version.{entity}_id) as {entity}_id
        from now_{entity} as now_version
        full join then_version
            on
                now_version.{entity}_id = then_version.{entity}_id
                and now_version.valid_from_date = then_version.valid_from_date
        where row({now}) is distinct from row({then})
        union
        select member_id from changed_{entity}_group
        """
    )
    connection.execute(
        f"create or replace table history.changed_{entity}_version as from now_{entity} "
        f"where {entity}_id in (select {entity}_id from history.changed_{entity})"
    )


_COLUMNS = "select column_name from (describe now_{entity})"


def _no_changed_members(dimension: Dimension) -> str:
    """What a night before left there is none of today's."""
    entity = dimension.entity
    return f"""
        create or replace table history.changed_{entity}_version as
        from raw.intermediate.{dimension.versions} limit 0;
        create or replace table history.changed_{entity} as
        select {entity}_id from history.changed_{entity}_version;
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
