"""Jobs: which assets run together, and how. When they run stands in schedules and sensors."""

from typing import TYPE_CHECKING

import dagster as dg

from pipelines.partitions import business_dates
from pipelines.settings import Settings

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition as AssetJob,
    )

RETRIES = {"dagster/max_retries": "1", "dagster/retry_on_asset_or_op_failure": "false"}
"""A run whose process died is started once more; bad data never is, see `assets`."""


def nightly_job(settings: Settings) -> "AssetJob":
    """Load what landed, build, check, publish, for one business date or a range of them."""
    return dg.define_asset_job(
        "nightly",
        selection=dg.AssetSelection.all(),
        # By config: a partitions_def would be looked for at the assets, which have none.
        config=dg.PartitionedConfig(
            partitions_def=business_dates(settings), run_config_for_partition_key_fn=lambda _: {}
        ),
        executor_def=dg.in_process_executor,
        tags=RETRIES,
        description="Load what landed, build, check and publish, for one business date.",
    )


def backfill_job() -> "AssetJob":
    """The nightly job over any range in a single run: set `resources.window.config`."""
    return dg.define_asset_job(
        "backfill",
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        tags=RETRIES,
        description=(
            "Load, build, check and publish a range of business dates in a single run. Set first "
            "and last of the resource `window`; without them everything that landed is loaded."
        ),
    )
