"""The Dagster code location: assembly only."""

from collections.abc import Mapping

import dagster as dg

from pipelines.assets.gate import build_gate_checks
from pipelines.assets.identity import build_identity_assets
from pipelines.assets.personal_data import build_personal_data_assets
from pipelines.assets.publish import build_published_assets
from pipelines.assets.raw import build_raw_assets
from pipelines.assets.warehouse import build_warehouse_assets
from pipelines.jobs import backfill_job, nightly_job, retention_job
from pipelines.resources import DbtInProcess, HouseResource, WindowResource
from pipelines.schedules import nightly_schedule, retention_schedule
from pipelines.sensors import landing_sensor
from pipelines.settings import Settings
from pipelines.warehouse.dbt import ensure_manifest


def build_definitions(
    settings: Settings, *, loggers: Mapping[str, dg.LoggerDefinition] | None = None
) -> dg.Definitions:
    """All assets, checks, jobs, schedules and sensors of one house."""
    settings.make_directories()
    warehouse = build_warehouse_assets(ensure_manifest(settings))
    identity = build_identity_assets()
    personal_data = build_personal_data_assets()
    nightly, retention = nightly_job(settings), retention_job()
    return dg.Definitions(
        assets=[
            build_raw_assets(),
            identity,
            personal_data,
            warehouse,
            build_published_assets([*identity.keys, *personal_data.keys, *warehouse.keys]),
        ],
        asset_checks=build_gate_checks(settings),
        jobs=[nightly, backfill_job(), retention],
        schedules=[nightly_schedule(settings, nightly), retention_schedule(settings, retention)],
        sensors=[landing_sensor(settings, nightly)],
        resources={
            "house": HouseResource.of(settings),
            "window": WindowResource(),
            "dbt": DbtInProcess(),
        },
        loggers=loggers,
    )


@dg.definitions
def tillhouse() -> dg.Definitions:
    """The code location that `workspace.yaml` names."""
    return build_definitions(Settings())
