"""Exact and strict rules: links that need no score, each as SQL over `source_record`.

A rule ties the records that agree in its columns to the first of them. Links gather in `edge`:
the two record numbers, the rule, its confidence and, for links of the model, a score.
"""

from dataclasses import dataclass

import duckdb

from pipelines.identity.records import MAXIMUM_CARDS

CONFIDENCES = ("exact", "strict", "loose")
"""From the surest to the least sure; a record is linked by the surest of its links."""

MERGE_RULE = "manual merge"
SPLIT_RULE = "manual split"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Records of one kind are one when all columns are known and equal.

    Attributes:
        name: As the ledger says it.
        confidence: exact or strict.
        entity: person or company: neither is ever linked to the other.
        columns: What has to be equal.
        single: A column that may hold one value at most among all who agree, blanks aside;
            where it holds two the rule says nothing of any of them.
    """

    name: str
    confidence: str
    entity: str
    columns: tuple[str, ...]
    single: str | None = None


RULES = (
    # Father and son of one name share a mail address: then the birth date has to be the same.
    Rule(
        name="same mail and name",
        confidence="exact",
        entity="person",
        columns=("mail", "given", "family"),
        single="birth_date",
    ),
    Rule(
        name="same mail and name",
        confidence="exact",
        entity="person",
        columns=("mail", "given", "family", "birth_date"),
    ),
    # Who marries keeps the given name; twins do not share it.
    Rule(
        name="same mail and birth date",
        confidence="exact",
        entity="person",
        columns=("mail", "given", "birth_date"),
    ),
    Rule(
        name="same mail and birth date",
        confidence="exact",
        entity="person",
        columns=("mail", "birth_date"),
        single="given",
    ),
    # A family shares a phone, but not the given name and the day of birth too.
    Rule(
        name="same phone, given name and birth date",
        confidence="strict",
        entity="person",
        columns=("phone", "given", "birth_date"),
    ),
    Rule(
        name="same name, birth date and postcode",
        confidence="strict",
        entity="person",
        columns=("given", "family", "birth_date", "postcode"),
    ),
    # Father and son of one name in one house are told apart by their birth dates.
    Rule(
        name="same name and address",
        confidence="strict",
        entity="person",
        columns=("given", "family", "street", "postcode"),
        single="birth_date",
    ),
    Rule(
        name="same company name and mail",
        confidence="exact",
        entity="company",
        columns=("family", "mail"),
    ),
    Rule(
        name="same company name and phone",
        confidence="strict",
        entity="company",
        columns=("family", "phone"),
    ),
    Rule(
        name="same company name and address",
        confidence="strict",
        entity="company",
        columns=("family", "postcode", "street"),
    ),
)

_AGREEING = """
select first_no as left_no, record_no as right_no, '{name}' as rule, '{confidence}' as confidence
from (
    select record_no, min(record_no) over same as first_no, {is_single} as is_single
    from source_record
    where entity = '{entity}' and {known}
    window same as (partition by {columns})
)
where first_no <> record_no and is_single
"""

# A card of one customer is that customer's. A card that several show is a family's, and a reference
# on receipts of many cards is a till's default: neither says who anybody is.
_RECEIPTS = """
insert into claimed_edge by name
with named as (
    select
        loyalty_id, customer_ref,
        count(*) over (partition by loyalty_id) as reference_count,
        count(*) over (partition by customer_ref) as card_count
    from receipt_pair
)
select
    customer.record_no as left_no, card.record_no as right_no,
    'receipts name card and customer' as rule, 'exact' as confidence
from named
inner join first_claim as customer on named.customer_ref = customer.source_id
inner join source_record as card
    on named.loyalty_id = card.source_id and card.source_system = 'loyalty'
where reference_count = 1 and card_count <= {maximum_cards}
"""

_LEADS = """
insert into claimed_edge by name
select
    customer.record_no as left_no, lead.record_no as right_no, 'lead names customer' as rule,
    'exact' as confidence
from lead_reference
inner join first_claim as customer on lead_reference.customer_ref = customer.source_id
inner join source_record as lead
    on lead_reference.lead_id = lead.source_id and lead.source_system = 'lead'
where customer.record_no <> lead.record_no
"""

# Typing errors touch one part of a date, or swap day and month; two parts are another day.
_FAR_BIRTH_DATES = """
    cast(year({l}.birth_date) <> year({r}.birth_date) as integer)
    + cast(month({l}.birth_date) <> month({r}.birth_date) as integer)
    + cast(day({l}.birth_date) <> day({r}.birth_date) as integer) >= 2
    and not (
        year({l}.birth_date) = year({r}.birth_date)
        and month({l}.birth_date) = day({r}.birth_date)
        and day({l}.birth_date) = month({r}.birth_date)
    )
"""

# An initial or a short form begins the name; given and family name may stand in each other's place.
_UNLIKE_NAMES = """
    not starts_with({l}.given, {r}.given)
    and not starts_with({r}.given, {l}.given)
    and jaro_winkler_similarity({l}.given, {r}.given) < 0.8
    and not coalesce(
        jaro_winkler_similarity({l}.given, {r}.family) >= 0.9
        and jaro_winkler_similarity({l}.family, {r}.given) >= 0.8
        or jaro_winkler_similarity({l}.given, {r}.family) >= 0.8
        and jaro_winkler_similarity({l}.family, {r}.given) >= 0.9, false
    )
"""

_CONTRADICTION = (
    "coalesce({l}.entity <> {r}.entity, false)"
    f" or coalesce({_FAR_BIRTH_DATES}, false)"
    f" or coalesce({_UNLIKE_NAMES}, false)"
)


# A record that somebody took out of a cluster takes no automatic link any more.
_SPLITS = """
create or replace temp table split_record as
select
    record_no, max(decision_id) as split_id, max_by(decided_by, decision_id) as split_by
from identity.decision
inner join source_record on source_system = left_system and source_id = left_id
where kind = 'split'
group by record_no;
create or replace temp view split_record_no as select record_no from split_record
"""

# Of two decisions the later one counts. Not even by hand does a person become a company.
_MERGES = """
insert into edge by name
select
    l.record_no as left_no, r.record_no as right_no, '{merge_rule}' as rule,
    'exact' as confidence, decision.decided_by
from identity.decision as decision
inner join source_record as l
    on decision.left_system = l.source_system and decision.left_id = l.source_id
inner join source_record as r
    on decision.right_system = r.source_system and decision.right_id = r.source_id
left join split_record as left_split on l.record_no = left_split.record_no
left join split_record as right_split on r.record_no = right_split.record_no
where
    decision.kind = 'merge'
    and decision.decision_id > coalesce(left_split.split_id, 0)
    and decision.decision_id > coalesce(right_split.split_id, 0)
    and not coalesce(l.entity <> r.entity, false)
"""


def contradiction(left: str, right: str) -> str:
    """SQL: true where two records cannot be one, whatever else they share.

    A person is no company; unlike given names or birth dates are two people of a household. What is
    not known contradicts nothing.

    Args:
        left: Alias of a row of `source_record`.
        right: Alias of another one.
    """
    return "(" + _CONTRADICTION.format(l=left, r=right) + ")"


def write_rule_edges(connection: duckdb.DuckDBPyConnection) -> None:
    """Write `edge` by the rules, without the links that a guard or a split forbids."""
    connection.execute(
        "create or replace temp table claimed_edge "
        "(left_no integer, right_no integer, rule varchar, confidence varchar, score double, "
        "decided_by varchar default 'rules')"
    )
    connection.execute(
        "create or replace temp view first_claim as "
        "select * from source_record where is_first_claim"
    )
    agreeing = " union all ".join(map(_agreeing, RULES))
    connection.execute(f"insert into claimed_edge by name {agreeing}")
    connection.execute(_RECEIPTS.format(maximum_cards=MAXIMUM_CARDS))
    connection.execute(_LEADS)
    connection.execute(_SPLITS)
    # Deleting by a join would hold every edge against every record.
    connection.execute(
        f"""
        create or replace temp table edge as
        select claimed_edge.*
        from claimed_edge
        inner join source_record as l on left_no = l.record_no
        inner join source_record as r on right_no = r.record_no
        where
            not {contradiction("l", "r")}
            and left_no not in (from split_record_no)
            and right_no not in (from split_record_no)
        """
    )
    connection.execute(_MERGES.format(merge_rule=MERGE_RULE))


def _agreeing(rule: Rule) -> str:
    """SQL of the links that a rule makes."""
    single = rule.single
    return _AGREEING.format(
        name=rule.name,
        confidence=rule.confidence,
        entity=rule.entity,
        columns=", ".join(rule.columns),
        known=" and ".join(f"{column} is not null" for column in rule.columns),
        is_single=(
            f"min({single}) over same is not distinct from max({single}) over same"
            if single
            else "true"
        ),
    )
