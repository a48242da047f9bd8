"""Checks suites against what exists: types, arguments, tables, columns, and that none is missing.

A suite with a typo must be found when it is written. In the night it is an error of the gate.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import duckdb

from pipelines.quality import samples
from pipelines.quality.suites import UNEXPECTED_ROWS, Expectation, Suite

GUARDED_SCHEMAS = ("core", "marts", "meta")
"""Each model in one of these must have a suite."""

EVIDENCE_TABLES = frozenset({"meta.run", "meta.gate_result"})
"""Written at publishing, after the gate: they cannot have a suite."""

Catalog = Mapping[str, frozenset[str]]
"""Columns by ``schema.table``."""


def lint_suites(
    suites: Sequence[Suite],
    *,
    databases: Mapping[str, Path],
    models: Iterable[str] | None = None,
    personal_columns: Mapping[str, frozenset[str]] | None = None,
) -> list[str]:
    """Return what is wrong with suites, one sentence each; an empty list when all is well.

    Args:
        suites: What ``load_suites`` returned.
        databases: DuckDB file by name, ``raw`` and ``warehouse``; built, but it may be empty.
        models: ``schema.table`` of every model that must have a suite; by default all tables of
            the guarded schemas in the warehouse.
        personal_columns: Columns with personal data by table; they may not be keys of samples.
    """
    with ExitStack() as open_files:
        # Opened once: a query binds in milliseconds, and to open a file takes twenty.
        connections = {
            name: open_files.enter_context(duckdb.connect(str(path), read_only=True))
            for name, path in databases.items()
        }
        catalogs = {name: _read_catalog(connection) for name, connection in connections.items()}
        problems: list[str] = []
        for suite in suites:
            problems.extend(_lint_suite(suite, catalogs.get(suite.database, {}), connections))
            hidden = (personal_columns or {}).get(suite.table, frozenset())
            problems.extend(
                f"{suite.full_name}: key_columns: {column!r} is personal data"
                for column in sorted(hidden.intersection(_all_keys(suite)))
            )
    if models is None:
        models = [
            table
            for table in catalogs.get("warehouse", {})
            if table.partition(".")[0] in GUARDED_SCHEMAS
        ]
    covered = {suite.table for suite in suites}
    problems.extend(
        f"{table}: no suite in expectations/ guards this table"
        for table in sorted(set(models) - covered - EVIDENCE_TABLES)
    )
    return problems


def _read_catalog(connection: duckdb.DuckDBPyConnection) -> Catalog:
    """Return the columns of every table and view of a DuckDB file, by ``schema.table``."""
    rows = connection.execute(
        "select schema_name || '.' || table_name, list(column_name)"
        " from duckdb_columns() where database_name = current_database() group by all"
    ).fetchall()
    return {table: frozenset(columns) for table, columns in rows} | {
        "information_schema.columns": frozenset({"table_schema", "table_name", "column_name"})
    }


def read_models(manifest: Path) -> list[str]:
    """Return ``schema.table`` of the models of a dbt manifest that must have a suite."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    return sorted(
        f"{node['schema']}.{node.get('alias') or node['name']}"
        for node in nodes
        if node["resource_type"] == "model" and node["schema"] in GUARDED_SCHEMAS
    )


def _lint_suite(
    suite: Suite, catalog: Catalog, connections: Mapping[str, duckdb.DuckDBPyConnection]
) -> Iterator[str]:
    columns = catalog.get(suite.table)
    if columns is None:
        yield f"{suite.full_name}: table: {suite.table} does not exist in {suite.database}.duckdb"
        return
    for column in suite.key_columns:
        if column not in columns:
            yield f"{suite.full_name}: key_columns: {suite.table} has no column {column!r}"
    for position, expectation in enumerate(suite.expectations):
        where = f"{suite.full_name}: expectations[{position}]"
        for column in expectation.columns:
            if column not in columns:
                yield f"{where}: {suite.table} has no column {column!r}"
        yield from _lint_expectation(suite, expectation, where=where)
        if expectation.type == UNEXPECTED_ROWS:
            yield from _lint_query(suite, expectation, connections[suite.database], where=where)


def _lint_expectation(suite: Suite, expectation: Expectation, *, where: str) -> Iterator[str]:
    from pipelines.quality.gate import domain_object

    try:
        domain_object(suite, expectation)
    except Exception as error:  # GX raises its own, pydantic's and plain ones
        yield f"{where}: {expectation.type}: {' '.join(str(error).split())}"


def _lint_query(
    suite: Suite,
    expectation: Expectation,
    connection: duckdb.DuckDBPyConnection,
    *,
    where: str,
) -> Iterator[str]:
    """Let DuckDB bind the query that samples keys: it holds the rule's own query."""
    query = samples.sample_query(suite, expectation, hidden_columns=frozenset())
    text = query[0] if query else suite.query_of(expectation)
    try:
        connection.execute(f"explain {text}").fetchall()
    except duckdb.Error as error:
        yield f"{where}: unexpected_rows_query: {str(error).splitlines()[0]}"


def _all_keys(suite: Suite) -> set[str]:
    keys = set(suite.key_columns)
    for expectation in suite.expectations:
        keys.update(expectation.key_columns or ())
    return keys
