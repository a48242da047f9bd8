"""Records typed in by hand, and a resolver over them."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.identity.resolve import Resolution, resolve_identities
from pipelines.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"


@dataclass(kw_only=True)
class Registry:
    """raw.duckdb with a few records, as a load would leave it."""

    connection: duckdb.DuckDBPyConnection
    seeds: Path = SEEDS
    line: int = 0
    moment: datetime = datetime(2026, 1, 1)

    def add(self, feed: str, **values: Any) -> None:
        self.line += 1
        row = {**values, "_file_id": 1, "_line_number": self.line}
        marks = ", ".join("?" for _ in row)
        self.connection.execute(
            f"insert into feeds.{feed} ({', '.join(row)}) values ({marks})", list(row.values())
        )

    def customer(self, name: str, **values: Any) -> None:
        """A CRM record by SYSTEM:ID."""
        system, source_id = name.split(":")
        row = {"source_system": system, "source_customer_id": source_id, "extract_ts": "2024-01-01"}
        self.add("crm_customer", **{**row, **values})

    def receipt(self, customer: str, card: str, day: str = "2024-02-01") -> None:
        self.add("pos_transaction", customer_ref=customer, loyalty_id=card, business_date=day)

    def resolve(self, loaded: str | None = "crm_customer") -> Resolution | None:
        """Resolve a day later than before, after the load of a file of a feed, or of none."""
        self.moment += timedelta(days=1)
        if loaded:
            self.connection.execute(
                "insert into ledger.file "
                "(file_id, feed, status, sha256, name_values, mapping_version) "
                "values (?, ?, 'loaded', ?, '', '')",
                [self.line, loaded, str(self.moment)],
            )
        return resolve_identities(self.connection, seeds=self.seeds, now=self.moment)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, list(values)).fetchall()

    def customer_id(self, name: str) -> str:
        ((customer_id,),) = self.rows(
            "select customer_id from identity.xref_customer_identity "
            "where unlinked_at is null and source_system || ':' || source_id = ?",
            name,
        )
        return customer_id

    def clusters(self) -> set[frozenset[str]]:
        """Which records are one customer now, by SYSTEM:ID, where it is more than one record."""
        rows = self.rows(
            "select list(source_system || ':' || source_id) from identity.xref_customer_identity "
            "where unlinked_at is null group by customer_id having count(*) > 1"
        )
        return {frozenset(members) for (members,) in rows}

    def reasons(self) -> dict[str, tuple[str, str]]:
        """Rule and confidence of each record that has not its own number."""
        rows = self.rows(
            "select source_system || ':' || source_id, rule, confidence "
            "from identity.xref_customer_identity "
            "where unlinked_at is null and rule <> 'own number'"
        )
        return {name: (rule, confidence) for name, rule, confidence in rows}


@pytest.fixture
def make_registry(empty_raw: Path, tmp_path: Path) -> Iterator[Callable[[], Registry]]:
    """Makes empty registries, each with a file of its own."""
    connections: list[duckdb.DuckDBPyConnection] = []

    def make() -> Registry:
        path = tmp_path / f"raw_{len(connections)}.duckdb"
        shutil.copyfile(empty_raw, path)
        connections.append(duckdb.connect(str(path)))
        return Registry(connection=connections[-1])

    yield make
    for connection in connections:
        connection.close()


@pytest.fixture
def registry(make_registry: Callable[[], Registry]) -> Registry:
    return make_registry()
