"""What the gate found: results by suite, and the two ways in which it can say no."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

PASSED, WARNED, FAILED, ERROR = "passed", "warned", "failed", "error"
"""Statuses, from good to bad. ``error`` means that the gate could not judge the data."""


class GateFailed(Exception):  # noqa: N818 - a verdict on the data, not an error of the program
    """The data broke a critical expectation; the message names table, rule, count and keys."""


class GateErrored(Exception):  # noqa: N818 - the pair of GateFailed
    """An expectation could not be evaluated: the gate needs repair, the data are not judged."""


@dataclass(frozen=True, kw_only=True)
class ExpectationResult:
    """The outcome of one rule.

    Attributes:
        type: Name of the expectation in Great Expectations.
        column: Columns under test, joined by commas; ``None`` for a rule on the table.
        description: The rule in words.
        severity: critical, warning or info.
        status: passed, failed or error.
        unexpected_count: Failing rows, where the rule counts rows.
        observed_value: What was measured, where the rule measures one number; never personal.
        sample_keys: Up to five failing rows, each as ``column=value, ...`` of key columns only.
        error: Why the rule could not be evaluated, without values of the data.
        reason: Why the rule is as it is, from the suite.
    """

    type: str
    column: str | None
    description: str
    severity: str
    status: str
    unexpected_count: int | None = None
    observed_value: str | None = None
    sample_keys: tuple[str, ...] = ()
    error: str | None = None
    reason: str = ""

    def describe(self) -> str:
        """Return the finding in one line."""
        if self.status == ERROR:
            return f"{self.description}: could not be evaluated: {self.error}"
        parts = [f"{self.description}: {self.severity}"]
        if self.unexpected_count is not None:
            parts.append(f"{self.unexpected_count:,} unexpected")
        elif self.observed_value is not None:
            parts.append(f"observed {self.observed_value}")
        if self.sample_keys:
            parts.append("for example " + "; ".join(f"({keys})" for keys in self.sample_keys))
        return ", ".join(parts)


@dataclass(frozen=True, kw_only=True)
class SuiteResult:
    """The outcome of one suite, with every rule, passed ones too."""

    name: str
    layer: str
    table: str
    results: tuple[ExpectationResult, ...]

    @property
    def full_name(self) -> str:
        """Return ``layer.name``."""
        return f"{self.layer}.{self.name}"

    @property
    def evaluated_count(self) -> int:
        """Return how many rules were evaluated."""
        return sum(result.status != ERROR for result in self.results)

    @property
    def failures(self) -> tuple[ExpectationResult, ...]:
        """Return the rules that did not pass, errors included."""
        return tuple(result for result in self.results if result.status != PASSED)

    @property
    def status(self) -> str:
        """Return passed, warned, failed or error. A failed ``info`` rule leaves it at passed."""
        if any(result.status == ERROR for result in self.results):
            return ERROR
        severities = {result.severity for result in self.failures}
        if "critical" in severities:
            return FAILED
        return WARNED if "warning" in severities else PASSED


@dataclass(frozen=True, kw_only=True)
class GateReport:
    """The outcome of one run of the gate."""

    suites: tuple[SuiteResult, ...]
    data_docs_index: Path | None = None

    @property
    def status(self) -> str:
        """Return the worst status of the suites; a gate without suites is an error."""
        statuses = {suite.status for suite in self.suites}
        if not statuses:
            return ERROR
        return next((bad for bad in (ERROR, FAILED, WARNED) if bad in statuses), PASSED)

    @property
    def evaluated_count(self) -> int:
        """Return how many rules were evaluated."""
        return sum(suite.evaluated_count for suite in self.suites)

    def raise_for_status(self) -> None:
        """Raise unless the data may go on.

        Raises:
            GateErrored: A rule could not be evaluated. It wins over GateFailed, because the gate
                must be repaired before anybody can know the whole of what is wrong with the data;
                critical failures that were found are named behind it.
            GateFailed: A critical rule failed.
        """
        errors = list(self._lines(lambda result: result.status == ERROR))
        failures = list(
            self._lines(lambda result: result.status == FAILED and result.severity == "critical")
        )
        if errors or not self.suites:
            headline = f"the quality gate could not evaluate {len(errors)} rule(s)"
            if not self.suites:
                headline = "the quality gate had no suite to evaluate"
            raise GateErrored("\n".join([headline, *errors, *failures]))
        if failures:
            headline = f"the quality gate failed: {len(failures)} critical rule(s) broken"
            raise GateFailed("\n".join([headline, *failures]))

    def _lines(self, wanted: Callable[[ExpectationResult], bool]) -> Iterable[str]:
        for suite in self.suites:
            for result in suite.results:
                if wanted(result):
                    yield f"- {suite.table} [{suite.full_name}]: {result.describe()}"
