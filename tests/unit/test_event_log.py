"""Dagster's event log with its files kept open: what it stores is what Dagster's own reads."""

from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage

from pipelines.nightly import write_dagster_yaml
from pipelines.settings import Settings


@dg.asset(check_specs=[dg.AssetCheckSpec("is_whole", asset="receipts")])
def receipts():
    yield dg.MaterializeResult(
        metadata={"rows": 7},
        check_results=[dg.AssetCheckResult(check_name="is_whole", passed=True)],
    )


def test_dagsters_own_log_reads_every_event_and_asset(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.make_directories()
    write_dagster_yaml(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        result = dg.materialize([receipts], instance=instance)
        kept = [entry.message for entry in instance.all_logs(result.run_id)]
    own = SqliteEventLogStorage(str(settings.dagster_home / "history" / "runs"))
    assert [entry.message for entry in own.get_logs_for_run(result.run_id)] == kept
    (record,) = own.get_asset_records([dg.AssetKey("receipts")])
    found = record.asset_entry.last_materialization
    assert found.dagster_event.step_materialization_data.materialization.metadata["rows"].value == 7


def test_a_second_run_of_the_process_goes_on_in_the_same_log(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.make_directories()
    write_dagster_yaml(settings)
    for count in (1, 2):
        with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
            assert dg.materialize([receipts], instance=instance).success
            assert len(instance.get_runs()) == count
            key = dg.AssetKey("receipts")
            assert len(instance.fetch_materializations(key, limit=9).records) == count
