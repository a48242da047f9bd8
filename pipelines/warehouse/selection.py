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
    # Made anew also by another key, another rule or an erasure, of which no feed tells.
    "source:privacy.customer_hash+",
)
"""What is made of raw.duckdb's own state, such as meta.feed_status."""


def feed_versions(raw_database: Path) -> dict[str, str]:
    """Fingerprint by feed of the files that are loaded; a feed without any has none.

    A row that repeats another one is decided anew only when a file of its feed comes or goes, so
    the fingerprint stands for these decisions too.
    """
    with duckdb.connect(str(raw_database), read_only=True) as connection:
        rows = connection.execute(
            """
            select feed, md5(string_agg(version, ',' order by version))
            from ledger.file_version
            group by feed
            """
        ).fetchall()
    return dict(rows)


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
    feeds = {
        feed for feed in built_from.keys() | now.keys() if built_from.get(feed) != now.get(feed)
    }
    if has_changed_dates:
        feeds |= {c.feed for c in load_contracts().values() if c.rebuilds_days and c.feed in now}
    return ["--select", *(f"source:raw.{feed}+" for feed in sorted(feeds)), *ALWAYS_BUILT]
