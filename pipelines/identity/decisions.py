"""Decisions by hand, `identity.decision`: who merged or split what, when and why.

A decision names source records, since customer ids may change. It is only ever added to; the
later of two decisions counts, and it takes effect when identities are resolved next.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb

_KNOWN = """
select source_system, source_id, customer_id
from identity.xref_customer_identity
where unlinked_at is null and (
    customer_id = $name or source_id = $name or source_system || ':' || source_id = $name
)
order by rule <> 'own number', source_system, source_id
"""

_KINDS = """
select distinct coalesce(customer_type, 'person')
from identity.xref_customer_identity as link
inner join feeds.crm_customer as record
    on link.source_system = record.source_system and link.source_id = record.source_customer_id
where unlinked_at is null and customer_id in (?, ?)
order by 1
"""


class DecisionRefused(Exception):  # noqa: N818 - a refusal by design
    """An id that names no record or several, or two records that can never be one."""


@dataclass(frozen=True, kw_only=True)
class SourceRecord:
    """A record of a source system, by the system's own number."""

    system: str
    source_id: str
    customer_id: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who decided, when and why."""

    decided_by: str
    reason: str
    decided_at: datetime


def find_record(connection: duckdb.DuckDBPyConnection, name: str) -> SourceRecord:
    """The record that an id names: a customer id stands for the record that gave it.

    Args:
        connection: A connection on raw.duckdb.
        name: SYSTEM:ID, a source's own number, or a customer id.

    Raises:
        DecisionRefused: When no record has this id, or records of several customers have it.
    """
    rows = connection.execute(_KNOWN, {"name": name}).fetchall()
    if not rows:
        raise DecisionRefused(f"no record is called {name!r}; say SYSTEM:ID or a customer id")
    if len({customer for _, _, customer in rows}) > 1:
        several = ", ".join(f"{system}:{source_id}" for system, source_id, _ in rows)
        raise DecisionRefused(f"{name!r} is the number of several customers; say one of {several}")
    system, source_id, customer_id = rows[0]
    return SourceRecord(system=system, source_id=source_id, customer_id=customer_id)


def decide_merge(
    connection: duckdb.DuckDBPyConnection,
    left: SourceRecord,
    right: SourceRecord,
    decision: Decision,
) -> None:
    """Write that two records are one customer.

    Raises:
        DecisionRefused: When both are one customer already, or one is a person, the other not.
    """
    if left.customer_id == right.customer_id:
        raise DecisionRefused(f"both are customer {left.customer_id} already")
    kinds = connection.execute(_KINDS, [left.customer_id, right.customer_id]).fetchall()
    if len(kinds) > 1:
        raise DecisionRefused(f"a {kinds[0][0]} and a {kinds[1][0]} are never one customer")
    _write(connection, "merge", left, right, decision)


def decide_split(
    connection: duckdb.DuckDBPyConnection, record: SourceRecord, decision: Decision
) -> None:
    """Write that a record stands alone: no rule and no score links it any more."""
    _write(connection, "split", record, None, decision)


def decide_acceptance(connection: duckdb.DuckDBPyConnection, decision: Decision) -> None:
    """Write that the next resolution may merge more than gate 19 allows."""
    _write(connection, "accept", None, None, decision)


def _write(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    left: SourceRecord | None,
    right: SourceRecord | None,
    decision: Decision,
) -> None:
    connection.execute(
        """
        insert into identity.decision
        select 1 + coalesce(max(decision_id), 0), ?, ?, ?, ?, ?, ?, ?, ? from identity.decision
        """,
        [
            kind,
            left and left.system,
            left and left.source_id,
            right and right.system,
            right and right.source_id,
            decision.decided_at,
            decision.decided_by,
            decision.reason,
        ],
    )
