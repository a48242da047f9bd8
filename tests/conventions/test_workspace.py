"""What `dagster dev` serves from workspace.yaml, loaded as Dagster loads it."""

import pytest
from conventions_project import DbtProject
from dagster._core.definitions.reconstruct import repository_def_from_target_def
from dagster._core.workspace.load import location_origins_from_yaml_paths
from dagster._grpc.utils import get_loadable_targets

from pipelines.settings import PROJECT_ROOT, Settings


def test_the_workspace_serves_the_jobs_with_their_schedules_and_sensor(
    dbt_project: DbtProject, empty_house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILLHOUSE_HOME", str(empty_house.home))
    (location,) = location_origins_from_yaml_paths([str(PROJECT_ROOT / "workspace.yaml")])
    origin = location.loadable_target_origin
    (target,) = get_loadable_targets(
        python_file=origin.python_file,
        module_name=origin.module_name,
        package_name=origin.package_name,
        working_directory=origin.working_directory,
        attribute=origin.attribute,
        autoload_defs_module_name=origin.autoload_defs_module_name,
        resolve_lazy_defs=True,
    )
    repository = repository_def_from_target_def(target.target_definition)
    assert repository
    assert {"nightly", "backfill", "retention"} <= set(repository.job_names)
    running = {
        definition.name
        for definition in (*repository.schedule_defs, *repository.sensor_defs)
        if definition.default_status.value == "RUNNING"
    }
    assert running == {"nightly_at", "retention_on_sundays", "landed_files"}
