"""Which models a night builds: those that come from a feed that changed, and no others.

Most nights bring a few of forty feeds. What is made of the others stands as it was published, and a
model that is not built costs nothing.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipelines.feeds.contract import load_contracts

ALWAYS_BUILT = (
    "source:ledger.business_day+",
    "source:ledger.feed+",
    "source:ledger.file+",
    "source:ledger.file_date+",
    "source:retention.purge_log+",
    # Made anew also by an erasure, an export or a decision, of which no feed tells.
    "source:privacy.erasure_request+",
    "source:privacy.access+",
    "source:identity.decision+",
)
"""What is made of raw.duckdb's own state, such as meta.feed_status."""


def feed_versions(raw_database: Path) -> dict[str, str]:
    """Fingerprint by feed of the files that are loaded; a feed without any has none.

    The ledger of identity counts as a feed, by the links and households that stand, and so do the
    keyed hashes of contacts, which another key, another rule or an erasure changes too.

    A row that repeats another one is decided anew only when a file of its feed comes or goes, so
    the fingerprint stands for these decisions too.
    """
    with duckdb.connect(str(raw_database), read_only=True) as connection:
        rows = connection.execute(
            """
            select feed, md5(string_agg(version, ',' order by version))
            from ledger.file_version
            group by feed
            union all
            select
                'identity.xref_customer_identity',
                md5(string_agg(link, ',' order by link))
            from (
                select concat_ws('|', source_system, source_id, customer_id, confidence) as link
                from identity.xref_customer_identity
                where unlinked_at is null
            )
            having count(*) > 0
            union all
            select
                'identity.household',
                md5(string_agg(member, ',' order by member))
            from (
                select concat_ws('|', customer_id, household_id, valid_from_date) as member
                from identity.household
            )
            having count(*) > 0
            union all
            select
                'privacy.customer_hash',
                md5(string_agg(hashed, ',' order by hashed))
            from (
                select
                    concat_ws(
                        '|', source_system, source_id, coalesce(email_hash, '-'),
                        coalesce(phone_hash, '-'), coalesce(name_token, '-')
                    ) as hashed
                from privacy.customer_hash
            )
            having count(*) > 0
            """
        ).fetchall()
    return dict(rows)


def changed_feeds(built_from: Mapping[str, str], now: Mapping[str, str]) -> set[str]:
    """Feeds whose files are others now than those that the warehouse is made of."""
    return {
        feed for feed in built_from.keys() | now.keys() if built_from.get(feed) != now.get(feed)
    }


def selection(
    built_from: Mapping[str, str] | None, now: Mapping[str, str], *, has_changed_dates: bool
) -> list[str]:
    """Options that make dbt build what changed.

    Args:
        built_from: Versions of the feeds that the warehouse is made of; None when it is no base to
            go on from.
        now: Versions of the feeds as they are loaded now.
        has_changed_dates: Whether facts of any business date are to be replaced. A date may be
            asked for though nothing changed, so every feed that facts of a date come from counts.

    Returns:
        ``--select`` with what to build, or nothing when everything is to be built.
    """
    if built_from is None:
        return []
    feeds = changed_feeds(built_from, now)
    if has_changed_dates:
        feeds |= {c.feed for c in load_contracts().values() if c.rebuilds_days and c.feed in now}
    sources = [feed if "." in feed else f"raw.{feed}" for feed in sorted(feeds)]
    return ["--select", *(f"source:{source}+" for source in sources), *ALWAYS_BUILT]
