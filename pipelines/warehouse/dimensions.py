"""The dimensions that keep versions: what they are made of, and what is compared of them."""

from dataclasses import dataclass

LINKS = "identity.xref_customer_identity"
HOUSEHOLDS = "identity.household"
"""The ledger of identity, which counts as two feeds."""

NAME_TOKENS = "privacy.customer_hash"
"""Keyed hashes of contacts and names, which count as a feed."""


@dataclass(frozen=True, kw_only=True)
class Today:
    """What is known of a dimension's members as of today alone, the same in all their versions.

    Attributes:
        view: The view that says it, as raw.duckdb has it now.
        feeds: What it is made from.
        now: What it says of the members of the warehouse: a query of member_id and further columns.
        then: The same of the warehouse.
    """

    view: str
    feeds: frozenset[str]
    now: str
    then: str


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
        has_versions: The condition that tells a row that was made of a version from one of a
            member that only facts name.
        today: What else is compared of a member; None where its versions say everything.
        keeps_versions: Whether a member that is new to the dimension may have versions though none
            of them changed, so that the versions of all are kept at hand.
    """

    entity: str
    versions: str
    feeds: frozenset[str]
    groups_now: str
    groups_then: str
    group_feeds: frozenset[str]
    has_versions: str
    today: Today | None = None
    keeps_versions: bool = False


DIMENSIONS = (
    Dimension(
        entity="store",
        versions="int_store__versioned",
        feeds=frozenset({"store"}),
        groups_now="""
            select store_id as member_id, cluster_code
            from now_store where valid_to_date = date '9999-12-31'""",
        groups_then="""
            select store_id as member_id, cluster_code
            from warehouse.core.dim_store where is_current and not is_inferred""",
        group_feeds=frozenset({"store"}),
        has_versions="store_key > 0 and not is_inferred",
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
        has_versions="product_key > 0 and not is_inferred",
        # A GTIN becomes a member when a line names it, with the versions of its item.
        keeps_versions=True,
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
            left join raw.identity.household as household
                on
                    member.customer_id = household.customer_id
                    and household.valid_to_date = date '9999-12-31'
            where member.is_current""",
        groups_then="""
            select customer_id as member_id, household_id
            from warehouse.core.dim_customer where is_current""",
        group_feeds=frozenset({HOUSEHOLDS}),
        has_versions="field_sources is not null",
        today=Today(
            view="int_customer__described",
            feeds=frozenset(
                {LINKS, HOUSEHOLDS, NAME_TOKENS, "crm_customer", "loyalty_event", "crm_consent"}
            ),
            now="""
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
            then="""
                select
                    customer_id as member_id, household_id, name_token, loyalty_tier_name,
                    identity_confidence_code, has_marketing_consent
                from warehouse.core.dim_customer where is_current""",
        ),
    ),
)

VERSION_VIEWS = (
    *(dimension.versions for dimension in DIMENSIONS),
    *(dimension.today.view for dimension in DIMENSIONS if dimension.today),
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
