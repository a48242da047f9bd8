"""Publishes an audited warehouse as a new build and flips ``current`` to it in one step.

``published/builds/<build_id>/`` holds one finished build and never changes; ``published/current``
is a relative symlink to one of these FOLDERS. (A symlink to a file would rename the catalogue of
every reader: DuckDB names it after the resolved file.) A reader with an open connection keeps the
old build; whoever connects after the flip gets the new one, also in the same process.

Callers hold the writer's lock. A kill at any point leaves ``current`` on a complete build; what it
left half done has a name that begins with a dot and is swept by the next run.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.digest import copy, digest_of
from pipelines.publishing.evidence import RunFacts, inspect, require_no_log, write_evidence
from pipelines.publishing.files import fsync, fsync_tree, point_symlink, require_free_space
from pipelines.publishing.personal_data import Exemption, require_no_personal_data
from pipelines.publishing.restatement import write_restatements
from pipelines.quality.verdict import VerdictRefused, read_verdict

DATABASE_NAME = "tillhouse.duckdb"
"""Name of the published file; readers see the catalogue ``tillhouse``."""

MANIFEST_NAME = "manifest.json"

MAXIMUM_STORAGE_VERSION = (1, 2)
"""Newest storage format that drivers of DuckDB 1.4 and older read without fail."""

_PARTIAL = ".partial"


class BuildError(Exception):
    """A build cannot be made or is damaged."""


@dataclass(frozen=True, kw_only=True)
class PublishedBuild:
    """One build, as its manifest tells it; ``sha256`` is that of its parts, see `digest`."""

    build_id: str
    directory: Path
    run_id: str
    created_at: datetime
    sha256: str
    size_bytes: int
    duckdb_version: str
    storage_version: str
    row_counts: dict[str, int]
    last_business_date: date | None

    @property
    def database(self) -> Path:
        """Return the path of the database file."""
        return self.directory / DATABASE_NAME


def publish(
    warehouse: Path,
    verdict_path: Path,
    published_directory: Path,
    *,
    run_facts: RunFacts,
    raw: Path,
    own_numbers: Sequence[Exemption] = (),
    keep_builds: int = 7,
    writers: Sequence[Callable[[Path], None]] = (),
    on_step: Callable[[str], None] = lambda step: None,
) -> PublishedBuild:
    """Publish a closed, audited warehouse and return the new build.

    Args:
        warehouse: The closed warehouse file.
        verdict_path: Where the gate wrote its verdict.
        published_directory: Holds ``builds/`` and ``current``; created when missing.
        run_facts: What ``meta.run`` says.
        raw: raw.duckdb, whose ledger names the files that changed published numbers.
        own_numbers: Columns whose numbers are no contacts and no cards, whatever they look like.
        keep_builds: Builds that stay, the new one included; at least 1. The current one always
            stays, and readers of a removed one keep their open file.
        writers: Called with the build's folder when the database in it is finished, before
            anybody can see it: they add files, such as a dashboard, and close what they open.
        on_step: Called with the name of each step before it begins, for progress.

    Raises:
        VerdictRefused: There is no verdict that passes this very file, or it is of another run.
        UnfitForPublishing: The file holds a view, a strange schema, or was not closed.
        PersonalDataFound: The file holds what looks like contacts or card numbers.
        BuildError: The storage format is too new for BI drivers.
    """
    if keep_builds < 1:
        raise ValueError(f"keep_builds is {keep_builds}, but at least the new build must stay")
    on_step("verify")
    verdict = read_verdict(verdict_path)
    if verdict.run_id != run_facts.run_id:
        raise VerdictRefused(
            f"the audit verdict is of run {verdict.run_id}, but run {run_facts.run_id} wants to"
            " publish; run the gate in this run"
        )
    require_no_log(warehouse)
    builds = published_directory / "builds"
    builds.mkdir(parents=True, exist_ok=True)
    _sweep_partial(builds)
    require_free_space(builds, needed_bytes=int(warehouse.stat().st_size * 1.1) + 16_000_000)

    build_id = _next_build_id(builds)
    partial = builds / f".{build_id}{_PARTIAL}"
    database = partial / DATABASE_NAME
    published_at = datetime.now(UTC)
    try:
        on_step("copy")
        partial.mkdir()
        audited = copy(warehouse, database, known=verdict.warehouse_digest)
        # All that was written is judged: what is published is what was audited, whatever happened
        # to the source in between.
        verdict.require(audited)
        on_step("evidence")
        before = current_build(published_directory)
        # One connection: the first write to a file reads what all tables are made of.
        with duckdb.connect(str(database)) as connection:
            connection.execute("set timezone = 'UTC'")
            write_evidence(
                connection,
                build_id=build_id,
                verdict=verdict,
                run_facts=run_facts,
                published_at=published_at,
            )
            write_restatements(
                connection,
                previous=before.database if before else None,
                raw=raw,
                build_id=build_id,
                published_at=published_at,
            )
            connection.execute("checkpoint")
        facts = inspect(database)
        require_no_personal_data(database, own_numbers)
        _require_old_storage(facts.storage_version)
        on_step("writers")
        for write in writers:
            write(partial)
        require_no_log(database)
        on_step("manifest")
        published = digest_of(database, known=audited)
        build = PublishedBuild(
            build_id=build_id,
            directory=builds / build_id,
            run_id=run_facts.run_id,
            created_at=published_at,
            sha256=published.sha256,
            size_bytes=published.size_bytes,
            duckdb_version=facts.duckdb_version,
            storage_version=facts.storage_version,
            row_counts=facts.row_counts,
            last_business_date=facts.last_business_date,
        )
        _write_manifest(build, partial / MANIFEST_NAME)
        for path in partial.rglob("*"):
            if path.is_file():
                path.chmod(0o444)  # DuckDB has no roles: the file's mode is the read-only role
        on_step("fsync")
        fsync_tree(partial)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    on_step("rename")
    partial.rename(build.directory)
    fsync(builds)
    on_step("flip")
    point_symlink(published_directory / "current", f"builds/{build_id}")
    on_step("retention")
    remove_old(published_directory, keep_builds=keep_builds)
    on_step("done")
    return build


def current_build(published_directory: Path) -> PublishedBuild | None:
    """Return the build that readers get, or ``None`` before the first one.

    Raises:
        BuildError: ``current`` points to a folder without a readable manifest.
    """
    link = published_directory / "current"
    if not link.is_symlink():
        return None
    return _read_manifest(published_directory / link.readlink())


def list_builds(published_directory: Path) -> list[PublishedBuild]:
    """Return all complete builds, oldest first."""
    return [_read_manifest(path) for path in _build_directories(published_directory / "builds")]


def verify_build(build: PublishedBuild) -> None:
    """Raise unless the database file is the one that its manifest describes.

    Raises:
        BuildError: The file is missing or differs.
    """
    if not build.database.is_file():
        raise BuildError(f"build {build.build_id}: {build.database} is missing")
    if (
        build.database.stat().st_size != build.size_bytes
        or digest_of(build.database).sha256 != build.sha256
    ):
        raise BuildError(
            f"build {build.build_id}: {build.database} is not the file of its manifest; it was"
            " changed after publishing"
        )


def _write_manifest(build: PublishedBuild, path: Path) -> None:
    content = {
        "build_id": build.build_id,
        "run_id": build.run_id,
        "created_at": build.created_at.isoformat(),
        "sha256": build.sha256,
        "size_bytes": build.size_bytes,
        "duckdb_version": build.duckdb_version,
        "storage_version": build.storage_version,
        "row_counts": build.row_counts,
        "last_business_date": build.last_business_date and build.last_business_date.isoformat(),
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _read_manifest(directory: Path) -> PublishedBuild:
    path = directory / MANIFEST_NAME
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        last_business_date = content.pop("last_business_date")
        return PublishedBuild(
            directory=directory,
            created_at=datetime.fromisoformat(content.pop("created_at")),
            last_business_date=last_business_date and date.fromisoformat(last_business_date),
            **content,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BuildError(f"{path} cannot be read as a build's manifest: {error!r}") from error


def _build_directories(builds: Path) -> list[Path]:
    if not builds.is_dir():
        return []
    return sorted(path for path in builds.iterdir() if path.is_dir() and path.name.isdigit())


def _next_build_id(builds: Path) -> str:
    """Count on from the newest build: a clock can stand still or go back, a counter cannot."""
    newest = max((int(path.name) for path in _build_directories(builds)), default=0)
    return f"{newest + 1:06d}"


def _require_old_storage(storage_version: str) -> None:
    numbers = storage_version.removeprefix("v").split("+")[0].split(".")
    if tuple(int(number) for number in numbers[:2]) > MAXIMUM_STORAGE_VERSION:
        raise BuildError(
            f"the warehouse was created with DuckDB's storage format {storage_version}, which BI"
            " drivers of DuckDB 1.4 cannot read; set storage_compatibility_version to v1.2.0 in"
            " the dbt profile, remove the warehouse file and build it again"
        )


def _sweep_partial(builds: Path) -> None:
    for path in builds.glob(f".*{_PARTIAL}"):
        shutil.rmtree(path)


def old_builds(published_directory: Path, *, keep_builds: int) -> list[Path]:
    """All but the newest builds and the current one, oldest first."""
    current = (published_directory / "current").readlink().name
    builds = _build_directories(published_directory / "builds")
    return [path for path in builds[:-keep_builds] if path.name != current]


def remove_old(published_directory: Path, *, keep_builds: int) -> int:
    """Remove all but the newest builds; the current one always stays. Returns how many went."""
    builds = published_directory / "builds"
    _sweep_partial(builds)
    old = old_builds(published_directory, keep_builds=keep_builds)
    for path in old:
        # Out of sight first: a kill while removing must not leave half a build under its name.
        hidden = builds / f".{path.name}{_PARTIAL}"
        path.rename(hidden)
        shutil.rmtree(hidden)
    return len(old)
