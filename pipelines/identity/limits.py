"""Gate 19: a cluster that is too large, or many more merges than before, stops the run.

Both are signs of a key that is shared by strangers, such as a placeholder in a new source.
"""

import csv
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from pipelines.sql import fetch_one

LIMITS_SEED = "identity_limit.csv"

SAMPLES = 5
"""Customers that a message names."""


class IdentityLimitExceeded(Exception):  # noqa: N818 - a refusal by design
    """Links were found that nobody should believe unseen; the ledger stays as it was."""


class LimitsError(ValueError):
    """A seed of limits that cannot be read."""


class Limits(BaseModel):
    """What gate 19 lets pass; the columns of the seed `identity_limit`, which describes them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cluster_record_count: int = Field(ge=1)
    merge_rate_increase: float = Field(ge=0, le=1)
    minimum_record_count: int = Field(ge=1)


def read_limits(path: Path) -> Limits:
    """Read the one row of the seed.

    Raises:
        LimitsError: When it has another number of rows, or a limit that cannot be; the message
            names file and column.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if len(rows) != 1:
        raise LimitsError(f"{path.name} has {len(rows)} rows of limits; it needs one")
    try:
        return Limits.model_validate(rows[0])
    except ValueError as error:
        raise LimitsError(f"{path.name}, row 1: {error}") from error


def raise_for_limits(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Hold `new_link` against the limits.

    Raises:
        IdentityLimitExceeded: With rule, counts and some customer ids, never personal data.
    """
    _raise_for_size(connection, limits)
    _raise_for_jump(connection, limits)


def count_links(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Records of customers and the customers they make up, by `new_link`."""
    counts = fetch_one(
        connection,
        """
        select count(*), count(distinct customer_id)
        from new_link
        inner join source_record using (source_system, source_id)
        where entity is not null
        """,
    )
    return counts[0], counts[1]


def _raise_for_size(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    rows = connection.execute(
        """
        select customer_id, count(*) as record_count
        from new_link
        inner join source_record using (source_system, source_id)
        where entity is not null
        group by customer_id
        having count(*) > ?
        order by record_count desc, customer_id
        """,
        [limits.cluster_record_count],
    ).fetchall()
    if rows:
        samples = ", ".join(f"{customer} ({count} records)" for customer, count in rows[:SAMPLES])
        raise IdentityLimitExceeded(
            f"gate 19, cluster size: {len(rows)} customer(s) would have more than "
            f"{limits.cluster_record_count} records: {samples}. Split what does not belong "
            "together (tillhouse identity split), or mend the source that gives strangers one mail "
            "or phone"
        )


def _raise_for_jump(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    last = connection.execute(
        """
        select record_count, customer_count, resolved_at
        from identity.resolution order by resolved_at desc limit 1
        """
    ).fetchone()
    if last is None or last[0] < limits.minimum_record_count:
        return
    (accepted,) = fetch_one(
        connection,
        "select count(*) from identity.decision where kind = 'accept' and decided_at > ?",
        [last[2]],
    )
    records, customers = count_links(connection)
    before, after = 1 - last[1] / last[0], 1 - customers / max(records, 1)
    if after - before <= limits.merge_rate_increase or accepted:
        return
    rows = connection.execute(
        """
        select customer_id, count(*) as record_count
        from new_link
        anti join identity.xref_customer_identity as open_row
            on
                new_link.source_system = open_row.source_system
                and new_link.source_id = open_row.source_id
                and new_link.customer_id = open_row.customer_id
                and open_row.unlinked_at is null
        group by customer_id
        order by record_count desc, customer_id
        limit ?
        """,
        [SAMPLES],
    ).fetchall()
    samples = ", ".join(f"{customer} ({count} new records)" for customer, count in rows)
    raise IdentityLimitExceeded(
        f"gate 19, merge rate: {after:.1%} of {records} records are merged, {before:.1%} of "
        f"{last[0]} were before; {limits.merge_rate_increase:.0%} more is allowed. Most changed: "
        f"{samples}. Look at them (tillhouse identity explain), then mend the source or say that "
        "it is right (tillhouse identity accept)"
    )
