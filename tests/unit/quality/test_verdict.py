"""A verdict counts for one file: the one that was audited."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.digest import digest_of
from pipelines.quality.report import ExpectationResult, GateReport, SuiteResult
from pipelines.quality.verdict import (
    Verdict,
    VerdictRefused,
    read_verdict,
    withdraw_verdict,
    write_verdict,
)


def _report(status: str, *, severity: str = "critical") -> GateReport:
    result = ExpectationResult(
        type="expect_column_values_to_be_between",
        column="net_amount",
        description="net sales are sane",
        severity=severity,
        status=status,
        unexpected_count=3,
        sample_keys=("receipt_id=r1",),
    )
    suite = SuiteResult(name="fct_sales", layer="core", table="core.fct_sales", results=(result,))
    return GateReport(suites=(suite,))


def require_verdict(path: Path, warehouse: Path) -> Verdict:
    """What publishing asks of a verdict."""
    verdict = read_verdict(path)
    verdict.require(digest_of(warehouse))
    return verdict


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"audited")
    return path


def test_a_verdict_is_read_as_it_was_written(tmp_path: Path, warehouse: Path) -> None:
    path = tmp_path / "quality" / "verdict.json"
    written = write_verdict(path, report=_report("passed"), warehouse=warehouse, run_id="run-1")
    assert read_verdict(path) == written
    assert require_verdict(path, warehouse).run_id == "run-1"


def test_a_warning_does_not_stop_publishing(tmp_path: Path, warehouse: Path) -> None:
    path = tmp_path / "verdict.json"
    report = _report("failed", severity="warning")
    write_verdict(path, report=report, warehouse=warehouse, run_id="run-1")
    assert require_verdict(path, warehouse).status == "warned"


def test_no_verdict_is_a_refusal(tmp_path: Path, warehouse: Path) -> None:
    path = tmp_path / "verdict.json"
    with pytest.raises(VerdictRefused, match="no audit verdict"):
        require_verdict(path, warehouse)
    write_verdict(path, report=_report("passed"), warehouse=warehouse, run_id="run-1")
    withdraw_verdict(path)
    with pytest.raises(VerdictRefused, match="no audit verdict"):
        require_verdict(path, warehouse)


def test_a_verdict_on_another_file_is_a_refusal(tmp_path: Path, warehouse: Path) -> None:
    path = tmp_path / "verdict.json"
    write_verdict(path, report=_report("passed"), warehouse=warehouse, run_id="run-1")
    warehouse.write_bytes(b"changed")
    with pytest.raises(VerdictRefused, match="another file"):
        require_verdict(path, warehouse)


@pytest.mark.parametrize(
    ("status", "message"),
    [("failed", "core.fct_sales: net sales are sane"), ("error", "could not be evaluated")],
)
def test_a_failed_and_an_errored_verdict_are_refusals(
    tmp_path: Path, warehouse: Path, status: str, message: str
) -> None:
    path = tmp_path / "verdict.json"
    write_verdict(path, report=_report(status), warehouse=warehouse, run_id="run-1")
    with pytest.raises(VerdictRefused, match=message):
        require_verdict(path, warehouse)


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 99}'])
def test_a_damaged_verdict_is_a_refusal(tmp_path: Path, warehouse: Path, text: str) -> None:
    path = tmp_path / "verdict.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VerdictRefused):
        require_verdict(path, warehouse)
