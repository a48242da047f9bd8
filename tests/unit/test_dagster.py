"""When runs start, and for which business date."""

import os
import shutil
from datetime import UTC, date, datetime, time

import dagster as dg
import pytest

from pipelines.jobs import backfill_job, nightly_job, retention_job
from pipelines.resources import WindowResource
from pipelines.schedules import nightly_schedule, retention_schedule
from pipelines.sensors import landing_sensor
from pipelines.settings import PROJECT_ROOT
from pipelines.window import Window


@dg.asset
def something() -> None:
    """Stands for the assets: what starts a run does not look at them."""


@pytest.fixture
def berlin(house):
    return house.model_copy(
        update={
            "time_zone": "Europe/Berlin",
            "nightly_at": time(2, 0),
            "first_business_date": "2026-01-01",
        }
    )


@pytest.fixture
def repository(berlin):
    nightly = nightly_job(berlin)
    return dg.Definitions(
        assets=[something],
        jobs=[nightly, backfill_job()],
        schedules=[nightly_schedule(berlin, nightly)],
        sensors=[landing_sensor(berlin, nightly)],
    ).get_repository_def()


def test_at_two_in_the_morning_the_day_that_has_ended_is_run(repository):
    schedule = repository.get_schedule_def("nightly_at")
    assert schedule.cron_schedule == "0 2 * * *"
    assert schedule.execution_timezone == "Europe/Berlin"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=datetime(2026, 7, 5, 0, 0, tzinfo=UTC),
            repository_def=repository,
        )
        (request,) = schedule.evaluate_tick(context).run_requests
    assert Window.from_tags(request.tags) == Window.from_tags({"dagster/partition": "2026-07-04"})


def test_the_nightly_job_is_partitioned_by_business_date_and_the_backfill_is_not(repository):
    keys = repository.get_job("nightly").partitions_def.get_partition_keys()
    assert keys[:2] == ["2026-01-01", "2026-01-02"]
    assert repository.get_job("backfill").partitions_def is None


def look(sensor, cursor=None):
    return sensor(dg.build_sensor_context(cursor=cursor))


def test_landed_files_start_one_run_for_the_newest_date(berlin, deliver):
    sensor = landing_sensor(berlin, nightly_job(berlin))
    assert isinstance(look(sensor), dg.SkipReason)
    deliver("sales_2026-01-05.csv", "S1,1,1,1,A,1,2.50,C1")
    deliver("sales_2026-01-03.csv", "S1,1,1,1,A,1,2.50,C1")
    found = look(sensor)
    (request,) = found.run_requests
    assert request.partition_key == "2026-01-05"
    assert isinstance(look(sensor, found.cursor), dg.SkipReason), "the same files start one run"
    deliver("sales_2026-01-03.csv", "S1,1,1,1,A,1,9.99,C1")
    (again,) = look(sensor, found.cursor).run_requests
    assert again.run_key != request.run_key


def test_dagster_takes_the_run_that_the_sensor_asks_for(repository, deliver):
    """As its daemon does: the job itself must be partitioned, since no asset is."""
    deliver("sales_2026-01-05.csv", "S1,1,1,1,A,1,2.50,C1")
    sensor = repository.get_sensor_def("landed_files")
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, repository_def=repository)
        (request,) = sensor.evaluate_tick(context).run_requests
    assert Window.from_tags(request.tags) == Window(date(2026, 1, 5), date(2026, 1, 5))


def test_a_file_that_is_still_written_starts_nothing(berlin, deliver):
    path = deliver("sales_2026-01-05.csv", "S1,1,1,1,A,1,2.50,C1")
    slow = berlin.model_copy(update={"settle_seconds": 3600.0})
    sensor = landing_sensor(slow, nightly_job(slow))
    assert "still being written" in look(sensor).skip_message
    os.utime(path, (0, 0))
    assert len(look(sensor).run_requests) == 1


def test_the_backfill_takes_its_range_from_the_window_resource():
    run = dg.DagsterRun(job_name="backfill", tags={"dagster/partition": "2026-01-09"})
    assert str(WindowResource(first="2026-01-01", last="2026-02-01").window(run).last) == (
        "2026-02-01"
    )
    assert WindowResource().window(run) == Window.from_tags(run.tags)


def test_a_window_and_its_tags_say_the_same():
    for tags in (
        {},
        {"dagster/partition": "2026-01-05"},
        {
            "dagster/asset_partition_range_start": "2026-01-05",
            "dagster/asset_partition_range_end": "2026-01-09",
        },
    ):
        assert Window.from_tags(tags).tags() == tags
    with pytest.raises(ValueError, match="after it ends"):
        Window.from_tags(
            {
                "dagster/asset_partition_range_start": "2026-01-09",
                "dagster/asset_partition_range_end": "2026-01-05",
            }
        )


def test_on_sundays_what_is_kept_no_longer_goes(berlin):
    schedule = retention_schedule(berlin, retention_job())
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 3 * * 0", "Europe/Berlin")


@pytest.mark.parametrize(("policy", "succeeds"), [(None, True), ("sales,*,3,tax", False)])
def test_the_retention_job_runs_the_command_and_fails_with_it(
    house, tmp_path, monkeypatch, policy, succeeds
):
    """A rule that cannot be followed stops it."""
    monkeypatch.setenv("TILLHOUSE_HOME", str(house.home))
    if policy:
        seeds = tmp_path / "dbt_project" / "seeds"
        seeds.mkdir(parents=True)
        header = "entity,country,detail_weeks,legal_basis"
        (seeds / "retention.csv").write_text(f"{header}\n{policy}\n", encoding="utf-8")
        shutil.copy(PROJECT_ROOT / "dbt_project" / "profiles.yml", seeds.parent)
        monkeypatch.setenv("TILLHOUSE_PROJECT", str(tmp_path))
    with dg.DagsterInstance.ephemeral() as instance:
        result = retention_job().execute_in_process(instance=instance, raise_on_error=False)
    assert result.success is succeeds
    if not succeeds:
        (failure,) = [event for event in result.all_events if event.is_step_failure]
        assert "retention.csv, line 2: detail_weeks: '3'" in str(failure.step_failure_data.error)
