"""What a module may cost to import, and who may know whom."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_ROOT

HEAVY = (
    "altair",
    "dagster",
    "dagster_dbt",
    "dbt",
    "great_expectations",
    "pandas",
    "splink",
    "sqlalchemy",
)
"""Seconds of CPU each: Great Expectations 3.5, dbt 2, Dagster 1."""


@pytest.mark.parametrize(
    "module",
    [
        "pipelines.cli",
        "pipelines.feeds.loader",
        "pipelines.identity.resolve",
        "pipelines.publishing.builds",
        "pipelines.quality.gate",
        "pipelines.quality.suites",
        "pipelines.status",
        "pipelines.warehouse.dbt",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(module: str) -> None:
    """The command line answers at once, and most tests import none of these."""
    code = f"import sys, {module}; print(*sorted(set({HEAVY!r}).intersection(sys.modules)))"
    outcome = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    assert outcome.stdout.split() == []


def test_the_packages_keep_their_layers() -> None:
    """The contracts stand in pyproject.toml."""
    linter = Path(sys.executable).parent / "lint-imports"
    outcome = subprocess.run(
        [linter, "--no-cache"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stdout
