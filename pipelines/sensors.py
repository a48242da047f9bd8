"""Sensors: what starts a run when files arrive."""

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.feeds.landing import LandedFile, find_landed, split_settled
from pipelines.feeds.mapping import load_mappings
from pipelines.partitions import business_dates
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.jobs import AssetJob

SECONDS_BETWEEN_LOOKS = 60


def landing_sensor(settings: Settings, job: "AssetJob") -> dg.SensorDefinition:
    """Start the nightly job when files have landed and stand still.

    The cursor keeps which files the last run was asked for, so a file that a run refused does not
    start one run after the other.
    """

    @dg.sensor(
        name="landed_files",
        job=job,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts the nightly job for the newest business date among landed files.",
    )
    def landed_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        waiting = find_landed(settings.landing, load_mappings(settings.mappings), {}, None)
        settled, moving = split_settled(waiting, settings.settle_seconds)
        if moving:
            return dg.SkipReason(f"{len(moving)} file(s) are still being written")
        seen = _fingerprint(settled)
        if not settled or seen == context.cursor:
            return dg.SkipReason("nothing landed since the last look")
        request = dg.RunRequest(run_key=seen, partition_key=_partition(settled, settings))
        return dg.SensorResult(run_requests=[request], cursor=seen)

    return landed_files


def _fingerprint(files: list[LandedFile]) -> str:
    names = sorted(f"{file.name}|{file.size_bytes}|{file.modified_ns}" for file in files)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def _partition(files: list[LandedFile], settings: Settings) -> str:
    """The newest business date among the files that exists as a partition."""
    keys = business_dates(settings).get_partition_keys()
    newest = max(file.business_date or date.min for file in files).isoformat()
    return max((key for key in keys if key <= newest), default=keys[-1])
