"""The dimensions that keep versions: what they are made of, and what is compared of them."""

from dataclasses import dataclass

LINKS = "identity.xref_customer_identity"
HOUSEHOLDS = "identity.household"
"""The ledger of identity, which counts as two feeds."""

NAME_TOKENS = "privacy.customer_hash"
"""Keyed hashes of contacts and names, which count as a feed."""


@dataclass(frozen=True, kw_only=True)
class ByMember:
    """What a dimension that is replaced by member has beside the columns of its versions.

    Attributes:
        has_versions: The condition that tells a row that was made of a version from one of a
            member that only facts name.
        today: The view of what is known of a member as of today alone.
        feeds: What that is made from.
        today_now: What it says of the members of the warehouse: a query of member_id and further
            columns.
        today_then: The same of the warehouse.
    """

    has_versions: str
    today: str
    feeds: frozenset[str]
    today_now: str
    today_then: str


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
        group_feeds: What groups are made from.
        by_member: What else is compared of a dimension that is replaced by member; None where it
            is always built whole.
    """

    entity: str
    versions: str
    feeds: frozenset[str]
    groups_now: str
    groups_then: str
    group_feeds: frozenset[str]
    by_member: ByMember | None = None


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
        group_feeds=frozenset({"store"}),
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
        group_feeds=frozenset({"item"}),
    ),
    Dimension(
        entity="customer",
        versions="int_customer__versioned",
        feeds=frozenset({"crm_customer", LINKS}),
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
        group_feeds=frozenset({HOUSEHOLDS}),
        by_member=ByMember(
            has_versions="field_sources is not null",
            today="int_customer__described",
            feeds=frozenset(
                {LINKS, HOUSEHOLDS, NAME_TOKENS, "crm_customer", "loyalty_event", "crm_consent"}
            ),
            today_now="""
                select
                    member.customer_id as member_id,
                    coalesce(described.household_id, member.customer_id) as household_id,
                    described.name_token,
                    described.loyalty_tier_name,
                    described.identity_confidence_code,
                    coalesce(described.has_marketing_consent, false) as has_marketing_consent
                from warehouse.core.dim_customer as member
                left join raw.intermediate.int_customer__described as described
                    using (customer_id)
                where member.is_current""",
            today_then="""
                select
                    customer_id as member_id, household_id, name_token, loyalty_tier_name,
                    identity_confidence_code, has_marketing_consent
                from warehouse.core.dim_customer where is_current""",
        ),
    ),
)

VERSION_VIEWS = (
    *(dimension.versions for dimension in DIMENSIONS),
    *(dimension.by_member.today for dimension in DIMENSIONS if dimension.by_member),
)
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
