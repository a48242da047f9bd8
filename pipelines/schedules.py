"""Schedules: when jobs run by the clock."""

import dagster as dg

from pipelines.settings import Settings


def nightly_schedule(
    settings: Settings, job: dg.UnresolvedAssetJobDefinition
) -> dg.UnresolvedPartitionedAssetScheduleDefinition | dg.ScheduleDefinition:
    """The nightly job for the business date that has just ended; on unless somebody stops it."""
    return dg.build_schedule_from_partitioned_job(
        job,
        name="nightly_at",
        hour_of_day=settings.nightly_at.hour,
        minute_of_hour=settings.nightly_at.minute,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
