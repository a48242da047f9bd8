"""Resolves identities: from the records of the feeds to the links of the ledger.

The links depend on the rows and the decisions alone, not on the order of their coming.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.feeds import contact_forms
from pipelines.identity.candidates import write_candidate_pairs
from pipelines.identity.clusters import write_clusters
from pipelines.identity.households import write_households
from pipelines.identity.ledger import write_ledger, write_links
from pipelines.identity.limits import LIMITS_SEED, count_links, raise_for_limits, read_limits
from pipelines.identity.model import write_model_edges
from pipelines.identity.records import FEEDS, PRIORITY_SEED, RECEIPTS, write_evidence, write_records
from pipelines.identity.rules import write_rule_edges
from pipelines.sql import fetch_one, transaction


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What a resolution found and wrote.

    Attributes:
        record_count: Source records.
        customer_count: Customers that they make up.
        household_count: Households of persons.
        compared_count: Pairs that the model scored.
        opened_count: Rows of the ledger that were opened.
        closed_count: Rows that were closed.
    """

    record_count: int
    customer_count: int
    household_count: int
    compared_count: int
    opened_count: int
    closed_count: int


def resolve_identities(
    connection: duckdb.DuckDBPyConnection,
    *,
    seeds: Path,
    now: datetime,
    spark: Mapping[str, str] | None = None,
) -> Resolution | None:
    """Bring the ledger up to what the feeds and the decisions say.

    Args:
        connection: A writing connection on raw.duckdb.
        seeds: Directory of the seeds source_priority.csv and identity_limit.csv.
        now: The moment of the links, UTC without a zone.
        spark: Configuration of the Spark session that scores pairs; None where DuckDB does.

    Returns:
        None when nothing that decides links has changed since the last resolution.

    Raises:
        IdentityLimitExceeded: When gate 19 stops; nothing is written then.
        LimitsError: When its limits cannot be read.
    """
    priorities = seeds / PRIORITY_SEED
    connection.execute("set timezone = 'UTC'")
    rules = _rules(connection, priorities)
    files_version = _fingerprint(rules, _files(connection, (*FEEDS, RECEIPTS)))
    last = connection.execute(
        "select version, files_version, resolved_at from identity.resolution "
        "order by resolved_at desc limit 1"
    ).fetchone()
    if last and last[1] == files_version:
        return None
    # All receipts are read here: a second by 4 million. New ones seldom name a new pair.
    write_evidence(connection)
    version = _fingerprint(rules, _files(connection, FEEDS), _pairs(connection))
    if last and last[0] == version:
        connection.execute(
            "update identity.resolution set files_version = ? where resolved_at = ?",
            [files_version, last[2]],
        )
        return None
    record_count = write_records(connection, priorities)
    write_rule_edges(connection)
    write_clusters(connection)
    compared_count = write_candidate_pairs(connection)
    # splink costs a second of CPU to import and some to ask: only where there is a question.
    if compared_count and write_model_edges(connection, spark):
        write_clusters(connection)
    write_links(connection)
    household_count = write_households(connection)
    raise_for_limits(connection, read_limits(seeds / LIMITS_SEED))
    (customer_count,) = fetch_one(connection, "select count(*) from anchor")
    with transaction(connection):
        change = write_ledger(connection, now=now)
        connection.execute(
            "insert into identity.resolution values (?, ?, ?, ?, ?, ?, ?)",
            [
                now,
                version,
                *count_links(connection),
                change.opened_count,
                change.closed_count,
                files_version,
            ],
        )
    return Resolution(
        record_count=record_count,
        customer_count=customer_count,
        household_count=household_count,
        compared_count=compared_count,
        opened_count=change.opened_count,
        closed_count=change.closed_count,
    )


def _files(connection: duckdb.DuckDBPyConnection, feeds: Iterable[str]) -> object:
    return connection.execute(
        """
        select feed, version from ledger.file_version
        where feed in (select unnest(?)) order by feed, version
        """,
        [list(feeds)],
    ).fetchall()


def _pairs(connection: duckdb.DuckDBPyConnection) -> object:
    return fetch_one(
        connection, "select count(*), coalesce(bit_xor(hash(receipt_pair)), 0) from receipt_pair"
    )


def _rules(connection: duckdb.DuckDBPyConnection, priorities: Path) -> object:
    """What decides links besides rows: decisions by hand, priorities, and the rules here."""
    decisions = fetch_one(
        connection,
        "select coalesce(max(decision_id), 0) from identity.decision where kind <> 'accept'",
    )
    own_files = sorted(p for p in Path(__file__).parent.iterdir() if p.suffix in (".py", ".json"))
    shared = (Path(contact_forms.__file__), contact_forms.CALLING_CODES)
    return decisions, [path.read_bytes() for path in (*own_files, *shared, priorities)]


def _fingerprint(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()
