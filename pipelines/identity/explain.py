"""Why a record belongs to a customer, in words: the ledger's rows without names or contacts."""

from collections.abc import Iterable
from typing import Any

import duckdb

_CUSTOMERS = """
select distinct customer_id
from identity.xref_customer_identity
where customer_id = $name or source_id = $name or source_system || ':' || source_id = $name
order by customer_id
"""

_LINKS = """
select
    source_system || ':' || source_id, rule, score, confidence, linked_at, unlinked_at, decided_by
from identity.xref_customer_identity
where customer_id = ?
order by unlinked_at is not null, rule <> 'own number', linked_at, source_system, source_id
"""

_HOUSEHOLDS = """
select
    household_id, rule,
    case when valid_from_date > date '1900-01-01' then ' from ' || valid_from_date end,
    case when valid_to_date < date '9999-12-31' then valid_to_date end
from identity.household
where customer_id = ?
order by valid_from_date
"""

_DECISIONS = """
select kind, left_system || ':' || left_id, right_system || ':' || right_id, decided_at,
    decided_by, reason
from identity.decision
where
    left_system || ':' || left_id in (
        select source_system || ':' || source_id
        from identity.xref_customer_identity where customer_id = $customer
    )
    or right_system || ':' || right_id in (
        select source_system || ':' || source_id
        from identity.xref_customer_identity where customer_id = $customer
    )
order by decision_id
"""


class UnknownIdentity(Exception):  # noqa: N818 - an answer, not a fault
    """The ledger never knew such an id."""


def explain(connection: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """Lines about every customer that an id belongs to or belonged to.

    Args:
        connection: A connection on raw.duckdb.
        name: A customer id, a source's own number, or SYSTEM:ID.

    Raises:
        UnknownIdentity: When the ledger never knew such an id.
    """
    customers = connection.execute(_CUSTOMERS, {"name": name}).fetchall()
    if not customers:
        raise UnknownIdentity(f"the ledger knows no {name!r}")
    return [line for (customer,) in customers for line in _of_customer(connection, customer)]


def _of_customer(connection: duckdb.DuckDBPyConnection, customer: str) -> Iterable[str]:
    households = connection.execute(_HOUSEHOLDS, [customer]).fetchall()
    now = "".join(f", household {h} ({rule})" for h, rule, _, until in households if not until)
    yield f"customer {customer}{now}"
    for household, rule, since, until in households:
        if until:
            yield f"  household {household} ({rule}){since or ''} until {until}"
    for row in connection.execute(_LINKS, [customer]).fetchall():
        yield "  " + _link(*row)
    for kind, left, right, moment, who, reason in connection.execute(
        _DECISIONS, {"customer": customer}
    ).fetchall():
        pair = f"{left} and {right}" if right else left
        yield f"  decided: {kind} {pair}, {moment:%Y-%m-%d %H:%M}, by {who}: {reason}"


def _link(
    record: str,
    rule: str,
    score: float | None,
    confidence: str,
    linked_at: Any,
    unlinked_at: Any,
    decided_by: str,
) -> str:
    evidence = rule if score is None else f"{rule}, score {score:.3f}"
    until = f" until {unlinked_at:%Y-%m-%d %H:%M}" if unlinked_at else ""
    return (
        f"{record}: {evidence} ({confidence}), since {linked_at:%Y-%m-%d %H:%M}{until}, "
        f"decided by {decided_by}"
    )
