"""Fixtures for all tests: a house in a temporary directory, and deliveries into it.

And which worker runs what when: the longest first, or one worker would still be at it when the
others have nothing left to do.
"""

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from filelock import FileLock

from pipelines.feeds.loader import LoadSummary, load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.feeds.raw_tables import create_tables
from pipelines.garbage import SELDOM
from pipelines.settings import Settings

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
    "unit/warehouse/test_replaced_customers.py",
    "unit/privacy/test_killed.py",
)
"""Below tests/, by the CPU seconds of their fixtures; what is not named here takes a few."""

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


class DbtPlace:
    """Where houses stand that dbt builds, one at a time.

    All have one path, since for another path, or with other variables, dbt parses the models anew.
    That costs ten seconds and says nothing of the data.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.home = root, root / "home"

    def clear(self, variables: str = "") -> Path:
        """Make way for another house, which finds the models parsed if any before it did that."""
        shutil.rmtree(self.home, ignore_errors=True)
        kept = self._kept(variables)
        if kept.exists():
            shutil.copytree(kept, self.home / "work")
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
def dbt_place(tmp_path_factory: pytest.TempPathFactory) -> DbtPlace:
    return DbtPlace(tmp_path_factory.mktemp("dbt_place"))


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
