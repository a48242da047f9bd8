"""Jobs: which assets run together, and how. When they run stands in schedules and sensors."""

import subprocess
import sys
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


def retention_job() -> dg.JobDefinition:
    """Take out of the house what is kept no longer."""

    @dg.op(description="Take out what is kept no longer, and build and publish without it.")
    def retain(context: dg.OpExecutionContext) -> None:
        # A process of its own: it runs a night, which a step of a run cannot do within itself.
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli", "privacy", "retain"],
            capture_output=True,
            text=True,
            check=False,
        )
        context.log.info(done.stdout)
        if done.returncode:
            raise dg.Failure(done.stderr.strip() or "it ended without a word")

    @dg.job(
        name="retention",
        tags=RETRIES,
        description="Take out what is kept no longer by the seed `retention`, see docs/privacy.md.",
    )
    def retention() -> None:
        retain()

    return retention
