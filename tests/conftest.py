"""Fixtures for all tests: a house in a temporary directory, and deliveries into it.

And which worker runs what when: the longest first, or one worker would still be at it when the
others have nothing left to do.
"""

import gc
import json
import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from pprint import pformat
from typing import TYPE_CHECKING, Any

import duckdb
import msgpack
import pytest
from filelock import FileLock

from pipelines.feeds.loader import LoadSummary, load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.feeds.raw_tables import create_tables
from pipelines.garbage import SELDOM
from pipelines.settings import Settings
from pipelines.warehouse.dbt import (
    invoke_dbt,
    profile_environment,
    raise_for_failures,
    target_path,
)

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

if not hasattr(sys.modules["__main__"], "__file__"):
    # pyspark, which Great Expectations imports where it finds it, takes a main module without a
    # file for a run of its doctests and exits; the workers of pytest-xdist have such a one.
    sys.modules["__main__"].__file__ = __file__

os.environ["TILLHOUSE_PRIVACY_KEY"] = "a key that nothing but the tests knows"
"""Houses of tests name people, so that they need a key; no other variable comes from outside."""

gc.set_threshold(*SELDOM)

LONGEST_FIRST = (
    "engines/test_two_engines.py",
    "pipeline/test_a_bad_night.py",
    "pipeline/test_a_good_night.py",
    "pipeline/",
    "engines/",
    "conventions/",
    "unit/marts/",
    "unit/quality/",
    "unit/identity/",
    "unit/simulation/",
    "unit/warehouse/",
    "unit/privacy/",
    "unit/publishing/",
)
"""Below tests/, by the CPU seconds of a file; what is not named here takes a few."""

ONE_SCOPE = ("conventions/", "unit/marts/", "unit/quality/", "unit/simulation/")
"""Directories whose files share a fixture that costs seconds: one worker runs them all."""

SALES_MAPPING = """\
feed: pos_line
files: sales_{business_date}*.csv
columns:
  store: store_id
  till: workstation_id
  receipt: transaction_seq
  line: line_seq
  item: item_id
  qty: qty
  amount: extended_amount
  card: customer_ref
"""

SALES_HEADER = "store,till,receipt,line,item,qty,amount,card"


def place_of(nodeid: str) -> str:
    """Where a test stands below tests/."""
    return nodeid.removeprefix("tests/").partition("::")[0]


def rank_of(item: pytest.Item) -> int:
    """The first entry of LONGEST_FIRST that the test stands under."""
    place = place_of(item.nodeid)
    ranks = [rank for rank, name in enumerate(LONGEST_FIRST) if place.startswith(name)]
    return min(ranks, default=len(LONGEST_FIRST))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=rank_of)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> "LoadScopeScheduling":
    """One file, or one directory of ONE_SCOPE, is run by one worker."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            place = place_of(nodeid)
            return next((name for name in ONE_SCOPE if place.startswith(name)), place)

    return Scheduling(config, log)


@pytest.fixture(scope="session")
def shared_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that all workers of this run see."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def simulated_home(shared_directory: Path) -> Path:
    """A tiny simulated home, which one worker writes for all; to look at or to copy."""
    from pipelines.simulation.scale import SCALES
    from pipelines.simulation.simulate import simulate

    home = shared_directory / "simulated"
    with FileLock(f"{home}.lock"):
        if not home.exists():
            written = home.with_name("simulated_in_part")
            simulate(written, scale=SCALES["tiny"], seed=7, on_progress=lambda text: None)
            written.rename(home)
    return home


class ParsedModels:
    """What dbt makes of the project before it sees a house, which one worker has made for all.

    dbt parses anew in a house of another path, since the profile names it: seven seconds of CPU, by
    each worker and by each fixture with a house of its own, for the same models.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        with FileLock(f"{directory}.lock"):
            if not directory.exists():
                self._parse(directory.with_name(f"{directory.name}_in_part"))

    @property
    def deprecations(self) -> list[str]:
        """Every deprecation that dbt told of while it parsed."""
        told: list[str] = json.loads((self.directory / _DEPRECATIONS).read_text(encoding="utf-8"))
        return told

    def hand_to(self, settings: Settings) -> None:
        """Give them to a house as if dbt had parsed them there."""
        target = target_path(settings)
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(target_path(Settings(home=self.directory)) / _MANIFEST, target)
        parsed = target_path(Settings(home=self.directory)) / _PARTIAL_PARSE
        state = msgpack.unpackb(parsed.read_bytes(), strict_map_key=False)
        state["state_check"]["profile_hash"]["checksum"] = _profile_checksum(settings)
        (target / _PARTIAL_PARSE).write_bytes(msgpack.packb(state))

    def _parse(self, home: Path) -> None:
        deprecations: list[str] = []

        def note(event: Any) -> None:
            if "Deprecation" in event.info.name:
                deprecations.append(f"{event.info.name}: {event.info.msg}")

        settings = Settings(home=home)
        settings.make_directories()
        command = ["--quiet", "parse", "--show-all-deprecations"]
        raise_for_failures(invoke_dbt(settings, command, [note]))
        (home / _DEPRECATIONS).write_text(json.dumps(deprecations), encoding="utf-8")
        home.rename(self.directory)


_MANIFEST, _PARTIAL_PARSE, _DEPRECATIONS = (
    "manifest.json",
    "partial_parse.msgpack",
    "deprecations.json",
)


def _profile_checksum(settings: Settings) -> str:
    """By which dbt knows the connection that the models were parsed for."""
    from dbt.artifacts.resources import FileHash
    from dbt.config.runtime import load_profile
    from dbt.flags import set_from_args
    from dbt_common.context import set_invocation_context

    project = str(settings.dbt_project)
    set_from_args(Namespace(project_dir=project, profiles_dir=project), {})
    set_invocation_context({**os.environ, **profile_environment(settings)})
    connection = load_profile(project, {}).credentials.connection_info()
    return str(FileHash.from_contents(pformat(sorted(connection))).checksum)


@pytest.fixture(scope="session")
def parsed_models(shared_directory: Path) -> ParsedModels:
    return ParsedModels(shared_directory / "parsed_models")


class DbtPlace:
    """Where houses stand that dbt builds, one at a time.

    All have one path, since for another path, or with other variables, dbt parses the models anew.
    That costs seconds and says nothing of the data.
    """

    def __init__(self, root: Path, parsed_models: ParsedModels) -> None:
        self.root, self.home = root, root / "home"
        self._parsed_models = parsed_models

    def clear(self, variables: str = "") -> Path:
        """Make way for another house, which finds the models parsed.

        But for those of other variables that no house before it had.
        """
        shutil.rmtree(self.home, ignore_errors=True)
        kept = self._kept(variables)
        if kept.exists():
            shutil.copytree(kept, self.home / "work")
        elif not variables:
            self._parsed_models.hand_to(Settings(home=self.home))
        return self.home

    def keep(self, variables: str = "") -> None:
        """Keep for the next house what this one made of the project alone."""
        kept = self._kept(variables)
        for name in ("dbt", "dashboard"):
            made = self.home / "work" / name
            if made.exists() and not (kept / name).exists():
                shutil.copytree(made, kept / name)

    def _kept(self, variables: str) -> Path:
        return self.root / f"parsed with {variables or 'defaults'}".replace("/", "_")


@pytest.fixture(scope="session")
def dbt_place(tmp_path_factory: pytest.TempPathFactory, parsed_models: ParsedModels) -> DbtPlace:
    return DbtPlace(tmp_path_factory.mktemp("dbt_place"), parsed_models)


@pytest.fixture
def house(tmp_path: Path) -> Settings:
    """An empty house whose files need not settle, with a mapping for plain sales files."""
    settings = Settings(home=tmp_path / "home", settle_seconds=0)
    settings.make_directories()
    (settings.mappings / "sales.yml").write_text(SALES_MAPPING, encoding="utf-8")
    return settings


@pytest.fixture
def deliver(house: Settings) -> Callable[..., Path]:
    """Writes a landing file from a header and rows, or from bytes."""

    def write(name: str, *rows: str, header: str = SALES_HEADER, content: bytes = b"") -> Path:
        path = house.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content or ("\n".join([header, *rows]) + "\n").encode())
        return path

    return write


@pytest.fixture(scope="session")
def empty_raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raw.duckdb with all its tables and no row, to copy: that costs less than to create them."""
    path = tmp_path_factory.mktemp("empty_raw") / "raw.duckdb"
    with duckdb.connect(str(path)) as connection:
        create_tables(connection)
    return path


@pytest.fixture
def raw(house: Settings, empty_raw: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on the house's raw.duckdb."""
    shutil.copyfile(empty_raw, house.raw_database)
    with duckdb.connect(str(house.raw_database)) as connection:
        yield connection


@pytest.fixture
def load(house: Settings, raw: duckdb.DuckDBPyConnection) -> Callable[..., LoadSummary]:
    """Loads what landed in the house."""

    def run(**options: object) -> LoadSummary:
        return load_landed_files(
            raw,
            landing=house.landing,
            mappings=load_mappings(house.mappings),
            work=house.work,
            **options,
        )

    return run
