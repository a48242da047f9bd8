"""Partitions: the business date, the one way in which runs are cut.

Runs are partitioned, assets are not: a night leaves one state of each table, made for a date, and a
backfill of a year is one run with one event a table instead of 365.
"""

import dagster as dg

from pipelines.settings import Settings


def business_dates(settings: Settings) -> dg.DailyPartitionsDefinition:
    """One partition a business date, in the zone in which the nightly job starts."""
    return dg.DailyPartitionsDefinition(
        start_date=settings.first_business_date, timezone=settings.time_zone
    )
