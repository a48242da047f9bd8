"""Evaluations of the gate that several tests look at: each costs seconds, so each runs once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import frames

from pipelines.quality.gate import run_gate
from pipelines.quality.report import GateReport
from pipelines.quality.suites import Suite, load_suites

WriteSuite = Callable[..., Path]


@pytest.fixture(scope="session")
def real_suites() -> tuple[Suite, ...]:
    return load_suites(frames.EXPECTATIONS)


@pytest.fixture(scope="session")
def good_databases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return frames.write_databases(tmp_path_factory.mktemp("frames") / "good", frames.GOOD)


@pytest.fixture(scope="session")
def reports(
    tmp_path_factory: pytest.TempPathFactory,
    real_suites: tuple[Suite, ...],
    good_databases: dict[str, Path],
) -> dict[str, GateReport]:
    """Reports of the real suites over good rows, over broken rows and over empty tables.

    Of the empty tables only what held on broken rows, and what says that it may be empty, evaluated
    all the same: a run of all suites takes seconds.
    """
    directory = tmp_path_factory.mktemp("gate")
    broken = frames.write_databases(directory / "broken", frames.broken_rows())
    empty = frames.write_databases(directory / "empty", {})
    found = {
        "good": run_gate(good_databases, real_suites, directory / "docs_good"),
        "broken": run_gate(broken, real_suites, directory / "docs_broken"),
    }
    held = {
        suite.full_name
        for suite in found["broken"].suites
        if any(result.status == "passed" for result in suite.results)
    }
    untried = [
        replace(suite, may_be_empty=False)
        for suite in real_suites
        if suite.full_name in held or suite.may_be_empty
    ]
    return {**found, "empty": run_gate(empty, untried, directory / "docs_empty")}


@pytest.fixture
def write_suite(tmp_path: Path) -> WriteSuite:
    def write(text: str, *, layer: str = "core", name: str = "fct_sales") -> Path:
        path = tmp_path / "expectations" / layer / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write
