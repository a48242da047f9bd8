"""Schedules: when jobs run by the clock."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.jobs import AssetJob


def nightly_schedule(settings: Settings, job: "AssetJob") -> Any:
    """The nightly job for the business date that has just ended; on unless somebody stops it.

    Returns:
        A schedule, which Dagster resolves when it knows the assets.
    """
    return dg.build_schedule_from_partitioned_job(
        job,
        name="nightly_at",
        hour_of_day=settings.nightly_at.hour,
        minute_of_hour=settings.nightly_at.minute,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def retention_schedule(settings: Settings, job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """The retention job on Sundays, when a fiscal week has ended; runs wait for each other."""
    return dg.ScheduleDefinition(
        name="retention_on_sundays",
        job=job,
        cron_schedule=f"{settings.nightly_at.minute} {(settings.nightly_at.hour + 1) % 24} * * 0",
        execution_timezone=settings.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
