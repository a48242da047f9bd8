"""A warehouse is gone on from as it was published, or given up for what was published."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipelines.digest import digest_of
from pipelines.quality.report import GateReport
from pipelines.quality.verdict import write_verdict
from pipelines.warehouse import state

MODELS = "of today"


class House:
    """Where a warehouse stands that was published as build 7."""

    def __init__(self, home: Path) -> None:
        self.warehouse, self.raw = home / "warehouse.duckdb", home / "raw.duckdb"
        database = home / "published.duckdb"
        database.write_bytes(b"published")
        self.build = SimpleNamespace(
            build_id="000007", database=database, sha256=digest_of(database).sha256
        )
        self.warehouse.write_bytes(b"a warehouse")
        state.vouch(
            self.warehouse,
            build=self.build,
            version=MODELS,
            rules_version="of today",
            verdict=write_verdict(
                home / "verdict.json",
                report=GateReport(suites=()),
                warehouse=self.warehouse,
                run_id="1",
            ),
            feed_versions={"pos_line": "1"},
        )

    def is_gone_on_from(self) -> bool:
        """Whether the next night builds on what stands, or on what was published."""
        base = state.make_sound(self.warehouse, self.raw, Path(), version=MODELS)
        left = self.warehouse.read_bytes()
        assert left == (b"a warehouse" if base.feed_versions else b"published")
        return base.feed_versions is not None

    def is_current(self, **feed_versions: str) -> bool:
        """Whether there is nothing to do."""
        return state.is_current(self.warehouse, Path(), version=MODELS, feed_versions=feed_versions)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    house = House(tmp_path)
    monkeypatch.setattr(state, "current_build", lambda published: house.build)
    return house


def test_a_file_that_nobody_wrote_to_is_not_read(house, monkeypatch):
    monkeypatch.setattr(state, "digest_of", lambda path: pytest.fail("a read of gigabytes"))
    assert house.is_current(pos_line="1")
    assert not house.is_current(pos_line="2")
    assert house.is_gone_on_from()


def test_a_house_that_was_moved_goes_on(house):
    moved = house.warehouse.with_name("moved")
    shutil.copyfile(house.warehouse, moved)
    moved.replace(house.warehouse)
    os.utime(house.warehouse, (1, 1))
    assert house.is_current(pos_line="1")
    assert house.is_gone_on_from()


def test_what_was_written_to_since_is_given_up_for_what_was_published(house):
    house.warehouse.write_bytes(b"A warehouse")
    os.utime(house.warehouse, (1, 1))
    assert not house.is_current(pos_line="1")
    assert not house.is_gone_on_from()


def test_what_waits_in_a_log_was_written_since(house):
    house.warehouse.with_name("warehouse.duckdb.wal").write_bytes(b"more")
    assert not house.is_gone_on_from()


def test_a_published_file_that_is_damaged_is_not_gone_on_from(house):
    house.warehouse.write_bytes(b"half a night")
    house.build.database.write_bytes(b"publisheD")
    base = state.make_sound(house.warehouse, house.raw, Path(), version=MODELS)
    assert base.description.startswith("published build 000007 is not the file of its manifest")
    assert base.feed_versions is None
    assert not house.warehouse.exists()


def test_rows_stand_on_a_build_of_todays_models_that_todays_rules_passed(house):
    left = state.last_state(house.warehouse)

    def passed(version=MODELS, rules_version="of today"):
        return state.passed_before(left, Path(), version=version, rules_version=rules_version)

    assert passed() == house.build.database
    assert passed(version="of tomorrow") is None
    assert passed(rules_version="of tomorrow") is None
    assert state.passed_before(None, Path(), version=MODELS, rules_version="of today") is None
    house.build.build_id = "000008"
    assert passed() is None
