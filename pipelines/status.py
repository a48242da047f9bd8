"""The state of the house: feeds, last gate, published build. Read-only, safe at any time."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb

from pipelines.feeds.unresolved import refused_files
from pipelines.privacy.legal_hold import unbound_hold_count
from pipelines.privacy.person import SOURCE_PRIORITY
from pipelines.privacy.plan import waiting_plans
from pipelines.publishing.builds import PublishedBuild, current_build
from pipelines.quality.verdict import Verdict, VerdictRefused, read_verdict
from pipelines.settings import Settings


@dataclass(frozen=True, kw_only=True)
class FeedState:
    """One feed: its files, its dates, and what became of the rows of the files that count."""

    feed: str
    is_required: bool
    files: int
    refused_files: int
    first_date: date | None
    last_date: date | None
    rows: int
    loaded: int
    quarantined: int
    duplicate: int


@dataclass(frozen=True, kw_only=True)
class HouseState:
    """Everything `tillhouse status` shows."""

    feeds: tuple[FeedState, ...]
    refused: dict[str, str]
    verdict: Verdict | None
    build: PublishedBuild | None
    unfinished_erasures: tuple[str, ...] = ()
    unbound_holds: int = 0
    note: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The state as plain values."""
        return {
            "feeds": [asdict(feed) for feed in self.feeds],
            "refused_files": self.refused,
            "gate": {
                "run_id": self.verdict.run_id,
                "status": self.verdict.status,
                "evaluated_at": self.verdict.evaluated_at,
                "suites": {suite.full_name: suite.status for suite in self.verdict.suites},
            }
            if self.verdict
            else None,
            "published": {
                "build_id": self.build.build_id,
                "path": str(self.build.database),
                "created_at": self.build.created_at,
                "last_business_date": self.build.last_business_date,
            }
            if self.build
            else None,
            "unfinished_erasures": self.unfinished_erasures,
            "unbound_holds": self.unbound_holds,
            "note": self.note,
        }


def read_state(settings: Settings) -> HouseState:
    """Read the house's state; a feed that never came stands there with zero files."""
    feeds: tuple[FeedState, ...] = ()
    refused: dict[str, str] = {}
    unbound_holds = 0
    note = None
    if not settings.raw_database.exists():
        note = "nothing was loaded yet"
    else:
        try:
            with duckdb.connect(str(settings.raw_database), read_only=True) as connection:
                feeds = _feeds(connection)
                refused = refused_files(connection, settings.landing)
                unbound_holds = unbound_hold_count(
                    connection, settings.dbt_project / SOURCE_PRIORITY
                )
        except duckdb.IOException:
            note = "a run is loading at this moment; the feeds can be read when it ends"
    try:
        verdict = read_verdict(settings.verdict)
    except VerdictRefused:
        verdict = None
    return HouseState(
        feeds=feeds,
        refused=refused,
        verdict=verdict,
        build=current_build(settings.published),
        unfinished_erasures=tuple(plan.request_id for plan in waiting_plans(settings.work)),
        unbound_holds=unbound_holds,
        note=note,
    )


def _feeds(connection: duckdb.DuckDBPyConnection) -> tuple[FeedState, ...]:
    rows = connection.execute(
        """
        select
            feed.feed,
            feed.is_required,
            count(*) filter (file.status in ('loaded', 'duplicate')),
            count(*) filter (file.status = 'refused'),
            min(file.first_date) filter (file.status = 'loaded'),
            max(file.last_date) filter (file.status = 'loaded'),
            coalesce(sum(file.row_count) filter (file.status in ('loaded', 'duplicate')), 0),
            coalesce(sum(file.loaded_count) filter (file.status = 'loaded'), 0),
            coalesce(sum(file.quarantined_count) filter (file.status = 'loaded'), 0),
            coalesce(sum(file.duplicate_count) filter (file.status in ('loaded', 'duplicate')), 0)
        from ledger.feed
        left join ledger.file on feed.feed = file.feed
        group by feed.feed, feed.is_required
        order by feed.is_required desc, feed.feed
        """
    ).fetchall()
    return tuple(
        FeedState(
            feed=feed,
            is_required=is_required,
            files=files,
            refused_files=refused,
            first_date=first_date,
            last_date=last_date,
            rows=int(delivered),
            loaded=int(loaded),
            quarantined=int(quarantined),
            duplicate=int(duplicate),
        )
        for (
            feed,
            is_required,
            files,
            refused,
            first_date,
            last_date,
            delivered,
            loaded,
            quarantined,
            duplicate,
        ) in rows
    )
