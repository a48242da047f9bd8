"""The audit verdict: which very file the gate looked at, and what it found.

Checks in Dagster can be left out of a run (a selection without checks, a check on an asset that
does not exist: both publish bad data and end green). So publishing asks for this file, and a gate
that did not run leaves none that fits.
"""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.digest import FileDigest, digest_of
from pipelines.quality.report import (
    ERROR,
    FAILED,
    PASSED,
    WARNED,
    ExpectationResult,
    GateReport,
    SuiteResult,
)

_FORMAT = 3


class VerdictRefused(Exception):  # noqa: N818 - a refusal by design, not an error of the program
    """The warehouse may not be published; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class FileStamp:
    """What any write to a file changes, and a copy keeps that keeps times.

    No proof, as the digest is: it tells whether a file must be read to have one.
    """

    size_bytes: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> FileStamp:
        """The stamp of a file as it is now."""
        status = path.stat()
        return cls(size_bytes=status.st_size, modified_ns=status.st_mtime_ns)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the gate said about one file.

    Attributes:
        run_id: The run that built the file.
        status: passed, warned, failed or error.
        evaluated_at: UTC.
        warehouse_digest: Digest of the audited file.
        warehouse_stamp: Its size and last write, from before it was read for the digest.
        suites: All results, passed rules too: publishing writes them into ``meta.gate_result``.
    """

    run_id: str
    status: str
    evaluated_at: datetime
    warehouse_digest: FileDigest
    warehouse_stamp: FileStamp
    suites: tuple[SuiteResult, ...]

    def require(self, digest: FileDigest) -> None:
        """Raise unless this verdict passes a file of that digest.

        Raises:
            VerdictRefused: The verdict is of another file, or is not a pass.
        """
        if self.status == ERROR:
            raise VerdictRefused(
                f"the audit of run {self.run_id} could not be evaluated; repair the gate and run"
                " it again before publishing"
            )
        if self.status not in (PASSED, WARNED):
            broken = [
                f"{suite.table}: {result.description}"
                for suite in self.suites
                for result in suite.failures
                if suite.status == FAILED and result.severity == "critical"
            ]
            raise VerdictRefused(
                f"the audit of run {self.run_id} ended with status {self.status!r}"
                f" ({'; '.join(broken) or 'no rule named'}); nothing is published"
            )
        if digest != self.warehouse_digest:
            raise VerdictRefused(
                f"the audit of run {self.run_id} was of another file (sha256"
                f" {self.warehouse_digest.sha256[:12]}..., this one is {digest.sha256[:12]}...):"
                " the warehouse changed after its audit, or is damaged; run the night again"
            )


def write_verdict(
    verdict_path: Path,
    *,
    report: GateReport,
    warehouse: Path,
    run_id: str,
    known: FileDigest | None = None,
) -> Verdict:
    """Write the verdict on a closed warehouse file, atomically, and return it.

    Call it right after the gate, under the writer's lock: it says what the file is now.

    Args:
        verdict_path: Where to.
        report: What the gate found.
        warehouse: The file that it looked at.
        run_id: The run that built the file.
        known: The digest of the last warehouse, which spares to read what DuckDB left as it was.
            A part that was damaged since is found when publishing reads all of its copy.
    """
    stamp = FileStamp.of(warehouse)
    verdict = Verdict(
        run_id=run_id,
        status=report.status,
        evaluated_at=datetime.now(UTC),
        warehouse_digest=digest_of(warehouse, known=known),
        warehouse_stamp=stamp,
        suites=report.suites,
    )
    content = {"format": _FORMAT, **dataclasses.asdict(verdict)}
    content["evaluated_at"] = verdict.evaluated_at.isoformat()
    for suite, result in zip(content["suites"], verdict.suites, strict=True):
        suite["status"] = result.status  # derived; written for people and for jq
    verdict_path.parent.mkdir(parents=True, exist_ok=True)
    partial = verdict_path.with_name(f".{verdict_path.name}.partial")
    partial.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(partial, verdict_path)  # noqa: PTH105 - the atomic rename is the point
    return verdict


def withdraw_verdict(verdict_path: Path) -> None:
    """Remove the verdict: call it before the warehouse is written again."""
    verdict_path.unlink(missing_ok=True)


def read_verdict(verdict_path: Path) -> Verdict:
    """Read a verdict.

    Raises:
        VerdictRefused: There is none, or the file is damaged.
    """
    try:
        content = json.loads(verdict_path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise VerdictRefused(
            f"there is no audit verdict at {verdict_path}: the quality gate has not judged this"
            " warehouse; run it before publishing"
        ) from None
    except (OSError, ValueError) as error:
        raise VerdictRefused(f"the audit verdict {verdict_path} cannot be read: {error}") from error
    try:
        return _verdict(content)
    except (KeyError, TypeError, ValueError) as error:
        raise VerdictRefused(
            f"the audit verdict {verdict_path} is not a verdict of this version: {error!r}"
        ) from error


def _verdict(content: dict[str, Any]) -> Verdict:
    if content["format"] != _FORMAT:
        raise ValueError(f"format {content['format']!r}")
    return Verdict(
        run_id=content["run_id"],
        status=content["status"],
        evaluated_at=datetime.fromisoformat(content["evaluated_at"]),
        warehouse_digest=FileDigest.of(content["warehouse_digest"]),
        warehouse_stamp=FileStamp(**content["warehouse_stamp"]),
        suites=tuple(
            SuiteResult(
                name=suite["name"],
                layer=suite["layer"],
                table=suite["table"],
                results=tuple(
                    ExpectationResult(**{**result, "sample_keys": tuple(result["sample_keys"])})
                    for result in suite["results"]
                ),
            )
            for suite in content["suites"]
        ),
    )
