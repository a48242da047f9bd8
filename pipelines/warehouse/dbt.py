"""dbt in this process: parse once, then one invocation a night.

A dbt subprocess costs 6 to 12 CPU seconds of imports that a night would pay again.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.redaction import without_values
from pipelines.settings import Settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult


class DbtFailed(RuntimeError):
    """dbt stopped; the message names the models and tests, each with what dbt says of it."""


def target_path(settings: Settings) -> Path:
    """Where dbt writes its artifacts."""
    return settings.work / "dbt"


def manifest_path(settings: Settings) -> Path:
    """The manifest of the last parse."""
    return target_path(settings) / "manifest.json"


def invoke_dbt(
    settings: Settings, arguments: list[str], callbacks: list[Callable[[Any], None]] | None = None
) -> "dbtRunnerResult":
    """Run one dbt command in this process and let go of the database files after it.

    Args:
        settings: The house.
        arguments: The command and its options, without directories.
        callbacks: Told each of dbt's events.
    """
    from dbt.cli.main import dbtRunner

    with _environment(settings):
        try:
            return dbtRunner(callbacks=callbacks or []).invoke(
                [
                    *arguments,
                    # What dbt logs quotes values that could not be cast; what failed is told by
                    # `raise_for_failures`, without them.
                    "--log-level",
                    "none",
                    "--log-level-file",
                    "none",
                    "--project-dir",
                    str(settings.dbt_project),
                    "--profiles-dir",
                    str(settings.dbt_project),
                    "--target-path",
                    str(target_path(settings)),
                    "--log-path",
                    str(target_path(settings) / "logs"),
                ]
            )
        finally:
            _close_connections()


def build_views(settings: Settings, views: Iterable[str]) -> "dbtRunnerResult":
    """Build views that were dropped with a night that ended badly, and what they are made of."""
    selected = [f"+{view}" for view in views]
    without_tests = ["--exclude-resource-type", "test", "unit_test"]
    return invoke_dbt(
        settings, ["--quiet", "--no-write-json", "build", "--select", *selected, *without_tests]
    )


def profile_environment(settings: Settings) -> dict[str, str]:
    """The settings of the house that the profile reads from the environment."""
    return {
        "TILLHOUSE_HOME": str(settings.home),
        "TILLHOUSE_MEMORY_LIMIT": settings.memory_limit,
        "TILLHOUSE_THREADS": str(settings.threads),
    }


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """The profile reads the environment, so this house's settings stand there for the while."""
    wanted = profile_environment(settings)
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _close_connections() -> None:
    """dbt-duckdb keeps the files open in this process; the gate and publishing need them closed."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters

    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
    DuckDBConnectionManager.close_all_connections()
    reset_adapters()


def ensure_manifest(settings: Settings) -> Path:
    """Parse the project when its manifest is missing or older than a source file.

    Raises:
        DbtFailed: When the project does not parse.
    """
    manifest = manifest_path(settings)
    newest = max(
        (
            path.stat().st_mtime
            for pattern in ("*.sql", "*.yml", "*.md", "*.csv")
            for path in settings.dbt_project.rglob(pattern)
        ),
        default=0.0,
    )
    if manifest.exists() and manifest.stat().st_mtime > newest:
        return manifest
    result = invoke_dbt(settings, ["--quiet", "parse"])
    if not result.success:
        raise DbtFailed(f"the dbt project does not parse: {result.exception}")
    os.utime(manifest)
    return manifest


def raise_for_failures(result: "dbtRunnerResult") -> None:
    """Stop when any model or test failed.

    Raises:
        DbtFailed: With one line a failed node.
    """
    if result.success:
        return
    if result.exception is not None or result.result is None:
        raise DbtFailed(f"dbt stopped: {without_values(str(result.exception))}")
    failed = [node for node in result.result.results if str(node.status) in ("error", "fail")]
    lines = [
        f"{node.node.name}: {without_values(node.message or str(node.status))}" for node in failed
    ]
    if any("Out of Memory" in line for line in lines):
        lines.append("DuckDB may use more memory with TILLHOUSE_MEMORY_LIMIT, such as 4GB")
    raise DbtFailed("\n".join([f"dbt: {len(failed)} model(s) or test(s) failed", *lines]))
