"""Dagster resources: the house's settings, the writer's lock, the window, dbt in process.

What a resource does stands in plain modules; nothing here opens a file when it is imported.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipelines.lock import writer_lock
from pipelines.settings import Settings
from pipelines.warehouse.dbt import invoke_dbt, manifest_path
from pipelines.window import Window

if TYPE_CHECKING:
    from dagster_dbt import DagsterDbtTranslator
    from dbt.cli.main import dbtRunnerResult

RESULT_EVENTS = ("LogModelResult", "LogSeedResult")
"""The events of dbt that say how a table ended.

Tests are told with their table and not one by one: dbt stops at a failed test itself, and each
event that Dagster stores costs more than the test."""


class HouseResource(dg.ConfigurableResource):
    """Settings of the house, and its writer's lock for as long as the run lasts.

    Dagster shows and stores what a resource is configured with, so the privacy key is no part of
    it: the process that runs a step has it from its own environment.
    """

    settings_json: str

    @classmethod
    def of(cls, settings: Settings) -> "HouseResource":
        """The resource of a house."""
        return cls(settings_json=settings.model_dump_json(exclude={"privacy_key"}))

    @property
    def settings(self) -> Settings:
        """The settings of the house for which the code location was built."""
        return Settings.model_validate_json(self.settings_json)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["HouseResource"]:
        """Hold the lock from the run's first step to its last."""
        run_id = context.run.run_id if context.run else "no run"
        with writer_lock(self.settings.lock, f"run {run_id}"):
            yield self


class WindowResource(dg.ConfigurableResource):
    """The business dates a run is asked for; by default those of its partition."""

    first: str | None = None
    last: str | None = None

    def window(self, run: dg.DagsterRun) -> Window:
        """The configured dates, or those in the run's tags."""
        if self.first or self.last:
            return Window(
                date.fromisoformat(self.first) if self.first else None,
                date.fromisoformat(self.last) if self.last else None,
            )
        return Window.from_tags(run.tags)


class DbtInProcess(dg.ConfigurableResource):
    """One dbt invocation in this process, told to Dagster as dagster-dbt would."""

    def run(
        self,
        context: dg.AssetExecutionContext,
        settings: Settings,
        arguments: list[str],
        translator: "DagsterDbtTranslator",
    ) -> tuple[list[dg.Output], "dbtRunnerResult"]:
        """Run dbt to its end.

        Returns:
            Dagster's outputs of the tables, and dbt's own result, which may be a failure.
        """
        from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
        from google.protobuf.json_format import MessageToDict

        results: list[Any] = []

        def keep(event: Any) -> None:
            if event.info.name in RESULT_EVENTS:
                results.append(event)

        outcome = invoke_dbt(settings, arguments, callbacks=[keep])
        manifest = json.loads(manifest_path(settings).read_text(encoding="utf-8"))
        outputs: list[dg.Output] = []
        for event in results:
            raw = MessageToDict(event, preserving_proto_field_name=True)
            message = DbtCoreCliEventMessage(raw_event=raw, event_history_metadata={})
            outputs.extend(
                found
                for found in message.to_default_asset_events(
                    manifest=manifest, dagster_dbt_translator=translator, context=context
                )
                if isinstance(found, dg.Output)
            )
        return outputs, outcome
