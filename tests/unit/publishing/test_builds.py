"""Publishing shows readers a complete, audited build at every moment, whatever happens to it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.publishing.builds import (
    BuildError,
    PublishedBuild,
    current_build,
    list_builds,
    publish,
    verify_build,
)
from pipelines.publishing.evidence import RunFacts, UnfitForPublishing
from pipelines.publishing.personal_data import PersonalDataFound
from pipelines.quality.report import ExpectationResult, GateReport, SuiteResult
from pipelines.quality.verdict import VerdictRefused, write_verdict

PROJECT = Path(__file__).parents[3]
STEPS = (
    "verify",
    "copy",
    "evidence",
    "writers",
    "manifest",
    "fsync",
    "rename",
    "flip",
    "retention",
    "done",
)
_STORAGE = "v1.2.0"


class Night:
    """A home with one warehouse, to build, audit and publish with less words."""

    def __init__(self, home: Path) -> None:
        self.warehouse = home / "warehouse.duckdb"
        self.verdict = home / "verdict.json"
        self.published = home / "published"
        self.raw = home / "raw.duckdb"

    def build(self, number: int, *, storage: str = _STORAGE, sql: Sequence[str] = ()) -> None:
        self.warehouse.unlink(missing_ok=True)
        config: dict[str, Any] = {"storage_compatibility_version": storage}
        with duckdb.connect(str(self.warehouse), config=config) as connection:
            connection.execute("create schema core")
            connection.execute(
                "create table core.fct_sales as"
                f" select {number} as build_number, date '2017-03-01' as business_date"
            )
            for statement in sql:
                connection.execute(statement)

    def audit(self, status: str = "passed", *, run_id: str = "run") -> None:
        result = ExpectationResult(
            type="expect_x", column="a", description="a rule", severity="critical", status=status
        )
        suite = SuiteResult(
            name="fct_sales", layer="core", table="core.fct_sales", results=(result,)
        )
        write_verdict(
            self.verdict,
            report=GateReport(suites=(suite,)),
            warehouse=self.warehouse,
            run_id=run_id,
        )

    def publish(self, **arguments: Any) -> PublishedBuild:
        return publish(
            self.warehouse,
            self.verdict,
            self.published,
            run_facts=_facts(),
            raw=self.raw,
            **arguments,
        )

    def run(self, number: int, **arguments: Any) -> PublishedBuild:
        self.build(number)
        self.audit()
        return self.publish(**arguments)

    def read(self) -> int:
        """Return what a BI tool sees now."""
        path = self.published / "current" / "tillhouse.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            return int(
                connection.execute("select build_number from core.fct_sales").fetchall()[0][0]
            )


def _facts() -> RunFacts:
    return RunFacts(
        run_id="run",
        started_at=datetime(2017, 3, 2, 2, tzinfo=UTC),
        tillhouse_version="0.1.0",
        first_business_date=date(2017, 3, 1),
        last_business_date=date(2017, 3, 1),
    )


@pytest.fixture
def night(tmp_path: Path, empty_raw: Path) -> Night:
    shutil.copyfile(empty_raw, tmp_path / "raw.duckdb")
    return Night(tmp_path)


def test_a_build_has_evidence_a_manifest_and_the_files_of_its_writers(night: Night) -> None:
    def write_page(directory: Path) -> None:
        database = directory / "tillhouse.duckdb"
        with duckdb.connect(str(database), read_only=True) as connection:
            rows = connection.execute("select build_id, gate_status from meta.run").fetchall()
        (directory / "dashboard.html").write_text(str(rows), encoding="utf-8")

    build = night.run(1, writers=[write_page])
    assert build.build_id == "000001"
    assert (build.directory / "dashboard.html").read_text() == "[('000001', 'passed')]"
    manifest = json.loads((build.directory / "manifest.json").read_text())
    assert manifest["row_counts"] == {
        "core.fct_sales": 1,
        "meta.gate_result": 1,
        "meta.restatement": 0,
        "meta.run": 1,
    }
    assert manifest["last_business_date"] == "2017-03-01"
    assert manifest["run_id"] == "run"
    assert current_build(night.published) == build
    verify_build(build)
    assert not list(night.published.rglob("*.wal"))


def test_every_column_of_the_evidence_has_a_comment(night: Night) -> None:
    with duckdb.connect(str(night.run(1).database), read_only=True) as connection:
        bare = connection.execute(
            "select table_name, column_name from duckdb_columns()"
            " where schema_name = 'meta' and comment is null"
            " union all select table_name, null from duckdb_tables()"
            " where schema_name = 'meta' and comment is null"
        ).fetchall()
    assert bare == []


def test_the_published_file_keeps_a_storage_format_that_older_drivers_read(night: Night) -> None:
    build = night.run(1)
    assert build.storage_version == "v1.2.0+"
    header = build.database.read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") <= 67  # DuckDB 1.4.2 reads 64 to 67


def test_a_file_in_a_newer_storage_format_is_not_published(night: Night) -> None:
    night.build(1, storage="v1.5.0")
    night.audit()
    with pytest.raises(BuildError, match="storage_compatibility_version"):
        night.publish()
    assert current_build(night.published) is None


def test_publishing_refuses_without_a_verdict(night: Night) -> None:
    night.build(1)
    with pytest.raises(VerdictRefused, match="no audit verdict"):
        night.publish()
    assert not night.published.exists()


def test_publishing_refuses_a_verdict_on_another_file(night: Night) -> None:
    night.run(1)
    night.build(2)
    with pytest.raises(VerdictRefused, match="another file"):
        night.publish()
    assert night.read() == 1
    assert [path.name for path in (night.published / "builds").iterdir()] == ["000001"]


def test_publishing_refuses_a_verdict_of_another_run(night: Night) -> None:
    night.build(1)
    night.audit(run_id="last night")
    with pytest.raises(VerdictRefused, match="last night"):
        night.publish()


@pytest.mark.parametrize("status", ["failed", "error"])
def test_publishing_refuses_after_a_failed_or_errored_verdict(night: Night, status: str) -> None:
    night.run(1)
    night.build(2)
    night.audit(status)
    with pytest.raises(VerdictRefused):
        night.publish()
    assert night.read() == 1


def test_views_and_strange_schemas_are_not_published(night: Night) -> None:
    for statements, message in (
        (["create view core.v as select 1 as a"], "views cannot be published: core.v"),
        (["create schema staging", "create table staging.t (a int)"], "there is staging.t"),
    ):
        night.build(1, sql=statements)
        night.audit()
        with pytest.raises(UnfitForPublishing, match=message):
            night.publish()


def test_a_warehouse_with_a_write_ahead_log_is_not_published(night: Night) -> None:
    night.build(1)
    night.audit()
    night.warehouse.with_name("warehouse.duckdb.wal").touch()
    with pytest.raises(UnfitForPublishing, match="not closed cleanly"):
        night.publish()


def test_a_reader_keeps_its_build_over_a_flip_and_a_new_connection_sees_the_new_one(
    night: Night,
) -> None:
    night.run(1)
    path = night.published / "current" / "tillhouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as reader:
        query = "select build_number, current_catalog() from core.fct_sales"
        assert reader.execute(query).fetchall() == [(1, "tillhouse")]
        for number in (2, 3):
            night.run(number, keep_builds=1)  # removes the file that the reader has open
        assert reader.execute(query).fetchall() == [(1, "tillhouse")]
        with duckdb.connect(str(path), read_only=True) as newcomer:
            assert newcomer.execute(query).fetchall() == [(3, "tillhouse")]


def test_current_is_a_relative_symlink_to_a_folder_so_a_home_can_be_moved(
    night: Night, tmp_path: Path
) -> None:
    night.run(1)
    link = night.published / "current"
    assert link.readlink() == Path("builds/000001")
    moved = tmp_path / "elsewhere"
    night.published.rename(moved)
    night.published = moved
    assert night.read() == 1


def test_a_folder_named_current_is_left_alone(night: Night) -> None:
    (night.published / "current").mkdir(parents=True)
    with pytest.raises(FileExistsError, match="not a symbolic link"):
        night.run(1)


def test_old_builds_are_removed_but_never_the_current_one(night: Night) -> None:
    for number in range(1, 4):
        night.run(number)
    (night.published / "current").unlink()
    (night.published / "current").symlink_to("builds/000001", target_is_directory=True)

    def stop_before_flip(step: str) -> None:
        if step == "flip":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        night.run(4, on_step=stop_before_flip)
    assert night.read() == 1
    night.run(5, keep_builds=2)
    assert [build.build_id for build in list_builds(night.published)] == ["000004", "000005"]
    assert night.read() == 5


def test_ids_count_on_and_are_not_given_twice(night: Night) -> None:
    ids = [night.run(number, keep_builds=1).build_id for number in range(1, 4)]
    assert ids == ["000001", "000002", "000003"]


def test_published_files_are_read_only_and_a_change_is_found(night: Night) -> None:
    build = night.run(1)
    assert build.database.stat().st_mode & 0o222 == 0
    build.database.chmod(0o644)
    with build.database.open("r+b") as file:
        file.seek(100)
        file.write(b"x")
    with pytest.raises(BuildError, match="changed after publishing"):
        verify_build(build)


def test_a_writer_that_fails_leaves_the_last_build_in_place(night: Night) -> None:
    night.run(1)

    def fail(directory: Path) -> None:
        raise RuntimeError("no page")

    with pytest.raises(RuntimeError, match="no page"):
        night.run(2, writers=[fail])
    assert night.read() == 1
    assert [path.name for path in (night.published / "builds").iterdir()] == ["000001"]


@pytest.mark.parametrize("step", STEPS)
def test_an_error_at_any_step_leaves_readers_a_complete_build(night: Night, step: str) -> None:
    night.run(1)

    def stop(name: str) -> None:
        if name == step:
            raise InterruptedError(name)

    with pytest.raises(InterruptedError):
        night.run(2, on_step=stop)
    _assert_whole(night, flipped=STEPS.index(step) > STEPS.index("flip"))


# Where a kill differs from an error: nothing cleans up, and each leaves another thing half done.
@pytest.mark.parametrize("step", ["evidence", "manifest", "rename", "flip", "retention"])
def test_a_kill_at_any_step_leaves_readers_a_complete_build(night: Night, step: str) -> None:
    night.run(1)
    night.build(2)
    night.audit()
    process = subprocess.run(
        [sys.executable, __file__, str(night.warehouse.parent), step],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        check=False,
    )
    assert process.returncode == -signal.SIGKILL
    _assert_whole(night, flipped=STEPS.index(step) > STEPS.index("flip"))


def _assert_whole(night: Night, *, flipped: bool) -> None:
    assert night.read() == (2 if flipped else 1)
    build = current_build(night.published)
    assert build is not None
    verify_build(build)
    for build in list_builds(night.published):
        verify_build(build)
    night.run(3)
    assert night.read() == 3
    leftovers = [path for path in (night.published / "builds").iterdir() if path.name[0] == "."]
    assert leftovers == []


def _publish_and_die(home: Path, step: str) -> None:
    def die(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    stop: Callable[[str], None] = die
    Night(home).publish(on_step=stop)


if __name__ == "__main__":
    _publish_and_die(Path(sys.argv[1]), sys.argv[2])


def test_what_looks_personal_is_not_published(night: Night) -> None:
    night.build(1)
    night.audit()
    first = night.publish()
    night.build(2, sql=["create table core.dim_case as select 'kim@example.org' as reason"])
    night.audit()
    with pytest.raises(PersonalDataFound, match="core.dim_case.reason: mail address in 1 row"):
        night.publish()
    assert current_build(night.published) == first
    assert list_builds(night.published) == [first]
