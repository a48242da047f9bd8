"""The published file the dashboard tests read."""

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import published_file

from pipelines.dashboard.database import open_published


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "tillhouse.duckdb"
    return published_file.write_published_file(path)


@pytest.fixture
def connection(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(database) as opened:
        yield opened
