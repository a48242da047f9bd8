"""The suites of expectations/: one good frame, and for each rule rows that it must not let pass."""

from __future__ import annotations

from pathlib import Path

import frames
import yaml

from pipelines.quality.gate import run_gate
from pipelines.quality.lint import lint_suites
from pipelines.quality.report import GateReport
from pipelines.quality.suites import Suite


def test_suites_name_only_what_exists_and_leave_no_model_out(
    real_suites: tuple[Suite, ...], good_databases: dict[str, Path]
) -> None:
    problems = lint_suites(
        real_suites, databases=good_databases, personal_columns=_direct_identifiers()
    )
    assert problems == []


def test_good_rows_break_no_rule(reports: dict[str, GateReport]) -> None:
    findings = [
        f"{suite.full_name}: {result.describe()}"
        for suite in reports["good"].suites
        for result in suite.failures
    ]
    assert findings == []


def test_every_rule_bites_on_broken_rows_or_on_empty_tables(
    reports: dict[str, GateReport],
) -> None:
    failed_when_empty = {
        (suite.full_name, result.description)
        for suite in reports["empty"].suites
        for result in suite.failures
    }
    toothless = [
        f"{suite.full_name}: {rule.description} ({rule.status})"
        for suite in reports["broken"].suites
        for rule in suite.results
        if rule.status != "failed"
        and (suite.full_name, rule.description) not in failed_when_empty
        # Its bad frame is a table with another column: test_gate has it.
        and suite.name != "personal_data"
    ]
    assert toothless == []


def test_an_empty_table_that_is_not_asked_would_have_passed(
    reports: dict[str, GateReport], real_suites: tuple[Suite, ...]
) -> None:
    unasked = {suite.full_name for suite in real_suites if suite.may_be_empty}
    asked = {suite.full_name: suite for suite in reports["empty"].suites}
    assert unasked
    assert [name for name in unasked if asked[name].failures] == []


def test_failed_rows_are_named_by_their_keys(reports: dict[str, GateReport]) -> None:
    suite = next(s for s in reports["broken"].suites if s.full_name == "core.fct_sales")
    identity = next(r for r in suite.results if r.description.startswith("gross less"))
    assert identity.unexpected_count == 1
    assert identity.sample_keys == ("receipt_id=s1-t1-2017-03-01-1, line_number=1",)


def test_rows_of_older_loads_are_not_judged_again(
    tmp_path: Path, real_suites: tuple[Suite, ...]
) -> None:
    """Otherwise a bad row, once let in, would stop every following night."""
    rows = frames.broken_rows()
    rows["ledger.file"] = [{"file_id": 1, "load_id": 7}, {"file_id": 2, "load_id": 8}]
    databases = frames.write_databases(tmp_path / "older", rows)
    raw_suites = [suite for suite in real_suites if suite.layer == "raw"]
    report = run_gate(databases, raw_suites, tmp_path / "docs")
    assert report.status == "passed"


def _direct_identifiers() -> dict[str, frozenset[str]]:
    """Return columns with any personal-data class by raw table."""
    classes = {}
    for path in (frames.PROJECT / "pipelines/feeds/contracts").glob("*.yml"):
        contract = yaml.safe_load(path.read_text(encoding="utf-8"))
        classes[f"feeds.{contract['feed']}"] = frozenset(
            column["name"] for column in contract["columns"] if column.get("personal_data")
        )
    return classes
