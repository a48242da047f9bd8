"""The ledger of links, `identity.xref_customer_identity`: rows are opened and closed.

A link is what a record is to a customer and why. When any of that changes the old row is closed
and a new one opened, both at one moment; where nothing changed nothing is written.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from pipelines.identity.rules import CONFIDENCES, MERGE_RULE, SPLIT_RULE
from pipelines.sql import fetch_one

OWN_RULE = "own number"
"""How a record is linked whose number gives the customer id, alone or as the eldest of several."""

# The eldest record gives the cluster its customer id; where no moment is known the first in order.
_ANCHORS = """
create or replace temp table anchor as
select
    coalesce(cluster_no, -record_no) as cluster_no,
    min_by(record_no, (first_moment is null, first_moment, record_no)) as record_no,
    min_by(minted_id, (first_moment is null, first_moment, record_no)) as customer_id,
    min(first_moment) as first_moment
from source_record
left join cluster using (record_no)
group by coalesce(cluster_no, -record_no)
"""

_LINKS = """
create or replace temp table new_link as
with incident as (
    select left_no as record_no, rule, confidence, score, decided_by from edge
    union all
    select right_no, rule, confidence, score, decided_by from edge
),
reason as (
    select
        record_no,
        min_by(
            (rule, confidence, score, decided_by),
            (rule <> '{merge_rule}', list_position({confidences}, confidence), -score, rule,
                decided_by)
        ) as best
    from incident
    group by record_no
)
select
    record.source_system, record.source_id, anchor.customer_id,
    case
        when anchor.record_no <> record.record_no then best[1]
        when split_by is not null then '{split_rule}'
        else '{own_rule}'
    end as rule,
    case when anchor.record_no <> record.record_no then round(best[3], 3) end as score,
    case when anchor.record_no <> record.record_no then best[2] else 'exact' end as confidence,
    case
        when anchor.record_no <> record.record_no then best[4]
        else coalesce(split_by, 'rules')
    end as decided_by
from source_record as record
left join cluster using (record_no)
inner join anchor on coalesce(cluster.cluster_no, -record.record_no) = anchor.cluster_no
left join reason on record.record_no = reason.record_no
left join split_record on record.record_no = split_record.record_no
"""

_SAME = " and ".join(
    f"link.{column} is not distinct from open_row.{column}"
    for column in (
        "source_system",
        "source_id",
        "customer_id",
        "rule",
        "score",
        "confidence",
        "decided_by",
    )
)


@dataclass(frozen=True, kw_only=True)
class LedgerChange:
    """How many rows of the ledger were opened and closed."""

    opened_count: int
    closed_count: int


def write_links(connection: duckdb.DuckDBPyConnection) -> None:
    """Write `anchor` and `new_link`, the link of each source record, from `cluster` and `edge`."""
    connection.execute(_ANCHORS)
    connection.execute(
        _LINKS.format(
            merge_rule=MERGE_RULE,
            split_rule=SPLIT_RULE,
            own_rule=OWN_RULE,
            confidences=list(CONFIDENCES),
        )
    )


def write_ledger(connection: duckdb.DuckDBPyConnection, *, now: datetime) -> LedgerChange:
    """Close and open rows of the ledger so that `new_link` stands, and replace the households.

    The caller holds the transaction.

    Args:
        connection: A connection on raw.duckdb.
        now: The moment of the change, UTC without a zone.
    """
    (closed,) = fetch_one(
        connection,
        f"""
        update identity.xref_customer_identity as open_row set unlinked_at = ?
        where unlinked_at is null and not exists (select 1 from new_link as link where {_SAME})
        """,
        [now],
    )
    (opened,) = fetch_one(
        connection,
        f"""
        insert into identity.xref_customer_identity by name
        select *, ? as linked_at from new_link as link
        where not exists (
            select 1 from identity.xref_customer_identity as open_row
            where open_row.unlinked_at is null and {_SAME}
        )
        """,
        [now],
    )
    (differing,) = fetch_one(
        connection,
        """
        select count(*) from (
            (from new_household except from identity.household)
            union all
            (from identity.household except from new_household)
        )
        """,
    )
    if differing:
        connection.execute("delete from identity.household")
        connection.execute("insert into identity.household from new_household")
    return LedgerChange(opened_count=opened, closed_count=closed)
