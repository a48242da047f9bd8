"""Runs the nightly job in this process: what the command line and the tests call."""

import json
import os
from dataclasses import dataclass

import dagster as dg

from pipelines.console import console_logger
from pipelines.definitions import build_definitions
from pipelines.garbage import seldom_collected
from pipelines.lock import writer_lock
from pipelines.settings import Settings
from pipelines.window import Window

DAGSTER_YAML = """\
telemetry:
  enabled: false
run_retries:
  enabled: true
run_monitoring:
  enabled: true
concurrency:
  runs:
    max_concurrent_runs: 1
event_log_storage:
  module: pipelines.event_log
  class: OpenEventLogStorage
  config:
    base_dir: {event_log}
"""
"""One run at a time also for Dagster's own queue; the writer's lock holds over all processes."""

EXIT_CODES = {
    "FilesRefused": 3,
    "DbtFailed": 3,
    "GateFailed": 3,
    "PersonalDataFound": 3,
    "IdentityLimitExceeded": 3,
    "GateErrored": 4,
    "PrivacyKeyMissing": 6,
    "PrivacyKeyChanged": 6,
}
"""Exit code by exception: 3 the data are bad, 4 the gate itself is broken, 6 the privacy key is
missing or another one; others are 1."""


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """How a run ended.

    Attributes:
        exit_code: 0 when a new build was published.
        step: The step that stopped the run, or None.
        reason: Why, in words, or None.
    """

    run_id: str
    exit_code: int
    step: str | None = None
    reason: str | None = None


def run_nightly(settings: Settings, window: Window) -> RunOutcome:
    """Load, build, check and publish for a window of business dates.

    Raises:
        AlreadyRunning: When another process writes.
    """
    settings.make_directories()
    write_dagster_yaml(settings)
    with (
        writer_lock(settings.lock, "tillhouse run"),
        seldom_collected(),
        dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance,
    ):
        definitions = build_definitions(settings, loggers={"console": console_logger})
        job = definitions.resolve_job_def("nightly" if window.tags() else "backfill")
        result = job.execute_in_process(
            instance=instance,
            tags=window.tags(),
            run_config={"loggers": {"console": {}}},
            raise_on_error=False,
        )
    if result.success:
        return RunOutcome(run_id=result.run_id, exit_code=0)
    step, name, reason = _why(result)
    return RunOutcome(
        run_id=result.run_id, exit_code=EXIT_CODES.get(name, 1), step=step, reason=reason
    )


def write_dagster_yaml(settings: Settings) -> None:
    """Write Dagster's own settings, and tell Dagster where they stand."""
    path = settings.dagster_home / "dagster.yaml"
    # Where Dagster itself would put it, so that runs of before stay known.
    event_log = settings.dagster_home.resolve() / "history" / "runs"
    text = DAGSTER_YAML.format(event_log=json.dumps(str(event_log)))
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)


def _why(result: dg.ExecuteInProcessResult) -> tuple[str | None, str, str]:
    """Step, exception and message of what stopped a run."""
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            # Below one of our own stands what it was made of, which knows less of the file.
            while error and error.cause and not error.message.startswith("pipelines."):
                error = error.cause
            if error:
                place, _, message = error.message.partition(": ")
                name = place.rsplit(".", maxsplit=1)[-1]
                if name != error.cls_name:
                    name, message = error.cls_name or "", error.message
                return event.step_key, name, message.strip()
    failed = [event.message or "" for event in result.all_events if event.is_failure]
    return None, "", failed[-1] if failed else "the run failed without a word"
