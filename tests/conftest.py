"""Fixtures for all tests: a house in a temporary directory, and deliveries into it."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.feeds.loader import LoadSummary, load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.feeds.raw_tables import create_tables
from pipelines.settings import Settings

if not hasattr(sys.modules["__main__"], "__file__"):
    # pyspark, which Great Expectations imports where it finds it, takes a main module without a
    # file for a run of its doctests and exits; the workers of pytest-xdist have such a one.
    sys.modules["__main__"].__file__ = __file__

os.environ["TILLHOUSE_PRIVACY_KEY"] = "a key that nothing but the tests knows"
"""Houses of tests name people, so that they need a key; no other variable comes from outside."""

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
