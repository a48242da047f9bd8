"""The tiny simulated home, and one warehouse that it was loaded into."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.feeds.loader import LoadSummary, load_landed_files
from pipelines.feeds.mapping import load_mappings


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """The raw database of the home, and what the load said."""

    connection: duckdb.DuckDBPyConnection
    summary: LoadSummary

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()


@pytest.fixture(scope="session")
def answer_key(simulated_home: Path) -> dict[str, Any]:
    directory = simulated_home / "answer_key"
    return {path.stem: json.loads(path.read_text("utf-8")) for path in directory.glob("*.json")}


@pytest.fixture(scope="session")
def loaded(simulated_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Loaded by the loader that every home is loaded by; `counted` views hold what counts."""
    work = tmp_path_factory.mktemp("loaded")
    connection = duckdb.connect(str(work / "raw.duckdb"))
    connection.execute("set timezone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    summary = load_landed_files(
        connection,
        landing=simulated_home / "landing",
        mappings=load_mappings(simulated_home / "mappings"),
        work=work,
        on_progress=lambda text: None,
    )
    connection.execute("create schema counted")
    feeds = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'feeds'"
    ).fetchall()
    for (feed,) in feeds:
        connection.execute(
            f"""
            create view counted.{feed} as
            select * from feeds.{feed} as feed
            where not exists (
                select 1 from ledger.excluded_row as excluded
                where excluded.file_id = feed._file_id
                    and excluded.line_number = feed._line_number
            )
            """
        )
    return Loaded(connection=connection, summary=summary)
