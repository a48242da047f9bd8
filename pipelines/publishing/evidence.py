"""The evidence inside a published file: ``meta.run`` and ``meta.gate_result``, with comments.

They are written into the copy, after the audit, so that the audited warehouse holds no clock time
and stays byte-equal when it is built twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from pipelines.quality.verdict import Verdict
from pipelines.sql import literal

Columns = tuple[tuple[str, str, str], ...]
"""Columns of a table: name, type with constraints, comment."""

PUBLISHED_SCHEMAS = ("core", "marts", "meta")
"""What a BI user sees. Anything else in the file stops publishing."""


class UnfitForPublishing(Exception):  # noqa: N818 - a refusal by design
    """The warehouse holds what readers could not use or must not see."""


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What is said about the run in ``meta.run``.

    Attributes:
        run_id: Id of the run; the verdict must be of the same one.
        started_at: When the run began, with time zone.
        tillhouse_version: Version of this package.
        dbt_version: Version of dbt, where it is known.
        first_business_date: First business date the run built anew, where it is known.
        last_business_date: Last one.
        last_file_id: Newest file of the ledger that the warehouse holds, where it is known.
    """

    run_id: str
    started_at: datetime
    tillhouse_version: str
    dbt_version: str | None = None
    first_business_date: date | None = None
    last_business_date: date | None = None
    last_file_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """What a finished database file says about itself."""

    duckdb_version: str
    storage_version: str
    row_counts: dict[str, int]
    last_business_date: date | None


_RUN_COLUMNS = (
    ("build_id", "varchar not null", "Id of the published build; the folder has the same name."),
    ("run_id", "varchar not null", "Id of the run that built the warehouse."),
    ("started_at", "timestamptz not null", "When the run began."),
    ("audited_at", "timestamptz not null", "When the quality gate judged the warehouse."),
    ("published_at", "timestamptz not null", "When this file was published."),
    ("gate_status", "varchar not null", "Verdict of the quality gate: passed or warned."),
    (
        "warehouse_sha256",
        "varchar not null",
        "SHA-256 of the parts of the warehouse file that was audited.",
    ),
    ("first_business_date", "date", "First business date that the run built anew."),
    ("last_business_date", "date", "Last business date that the run built anew."),
    ("last_file_id", "bigint", "Newest file of the ledger that the build holds."),
    ("tillhouse_version", "varchar not null", "Version of Tillhouse."),
    ("dbt_version", "varchar", "Version of dbt."),
    ("duckdb_version", "varchar not null", "Version of DuckDB that wrote this file."),
)
_RESULT_COLUMNS = (
    ("run_id", "varchar not null", "Id of the run that built the warehouse."),
    ("suite_name", "varchar not null", "Name of the suite, as layer.name."),
    ("rule_number", "integer not null", "Position of the rule within its suite, from 1."),
    ("table_name", "varchar not null", "Table under test, as schema.table."),
    ("column_name", "varchar", "Column or columns under test; NULL for a rule on the table."),
    ("expectation_type", "varchar not null", "Name of the rule in Great Expectations."),
    ("rule_description", "varchar not null", "The rule in words."),
    ("reason", "varchar", "Why the rule or its threshold is as it is."),
    ("severity", "varchar not null", "critical, warning or info; only critical stops the night."),
    ("status", "varchar not null", "passed or failed."),
    ("unexpected_count", "bigint", "Rows that broke the rule; NULL where it counts no rows."),
    ("observed_value", "varchar", "What the rule measured; NULL where it measures no number."),
)
_TABLES = {
    "meta.run": (_RUN_COLUMNS, "The run that built and published this file: one row."),
    "meta.gate_result": (
        _RESULT_COLUMNS,
        "Outcome of every rule of the quality gate on this file: one row per suite and rule.",
    ),
}


def write_evidence(
    connection: duckdb.DuckDBPyConnection,
    *,
    build_id: str,
    verdict: Verdict,
    run_facts: RunFacts,
    published_at: datetime,
) -> None:
    """Create ``meta.run`` and ``meta.gate_result`` in a build that nobody sees yet."""
    results = [
        (
            verdict.run_id,
            suite.full_name,
            number,
            suite.table,
            result.column,
            result.type,
            result.description,
            result.reason or None,
            result.severity,
            result.status,
            result.unexpected_count,
            result.observed_value,
        )
        for suite in verdict.suites
        for number, result in enumerate(suite.results, start=1)
    ]
    connection.execute("begin")
    connection.execute("create schema if not exists meta")
    for table, (columns, comment) in _TABLES.items():
        create_described_table(connection, table, columns, comment)
    connection.execute(
        f"insert into meta.run values ({_marks(_RUN_COLUMNS)})",
        [
            build_id,
            run_facts.run_id,
            run_facts.started_at,
            verdict.evaluated_at,
            published_at,
            verdict.status,
            verdict.warehouse_digest.sha256,
            run_facts.first_business_date,
            run_facts.last_business_date,
            run_facts.last_file_id,
            run_facts.tillhouse_version,
            run_facts.dbt_version,
            duckdb.__version__,
        ],
    )
    if results:
        connection.executemany(
            f"insert into meta.gate_result values ({_marks(_RESULT_COLUMNS)})", results
        )
    connection.execute("commit")


def inspect(database: Path) -> FileFacts:
    """Read the facts of a finished file for its manifest.

    Raises:
        UnfitForPublishing: It holds a view (views lean on other files), a table outside the
            published schemas, or has changes that are still in a write-ahead log.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        views = connection.execute(
            "select schema_name || '.' || view_name from duckdb_views()"
            " where not internal and database_name = current_database() order by all"
        ).fetchall()
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where not internal and database_name = current_database() order by all"
        ).fetchall()
        strangers = [f"{s}.{t}" for s, t in tables if s not in PUBLISHED_SCHEMAS]
        if views:
            raise UnfitForPublishing(
                f"views cannot be published: {', '.join(name for (name,) in views)}"
            )
        if strangers:
            raise UnfitForPublishing(
                f"only the schemas {', '.join(PUBLISHED_SCHEMAS)} are published, but there is"
                f" {', '.join(strangers)}"
            )
        storage_version = connection.execute(
            "select tags['storage_version'] from duckdb_databases()"
            " where database_name = current_database()"
        ).fetchall()[0][0]
        row_counts = {
            f"{schema}.{table}": connection.execute(
                f'select count(*) from "{schema}"."{table}"'
            ).fetchall()[0][0]
            for schema, table in tables
        }
        last_business_date = None
        if "core.fct_sales" in row_counts:
            last_business_date = connection.execute(
                "select max(business_date) from core.fct_sales"
            ).fetchall()[0][0]
    require_no_log(database)
    return FileFacts(
        duckdb_version=duckdb.__version__,
        storage_version=str(storage_version),
        row_counts=row_counts,
        last_business_date=last_business_date,
    )


def require_no_log(database: Path) -> None:
    """Raise when a write-ahead log lies beside a database file: a copy would lack its changes.

    Raises:
        UnfitForPublishing: There is one.
    """
    log = database.with_name(f"{database.name}.wal")
    if log.exists():
        raise UnfitForPublishing(
            f"{log} exists: the database was not closed cleanly; open and close it once, then run"
            " the gate again"
        )


def create_described_table(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Columns, comment: str
) -> None:
    """Create an empty table, with comments on it and on its columns, in the place of an old one."""
    definition = ", ".join(f"{name} {kind}" for name, kind, _ in columns)
    connection.execute(f"create or replace table {table} ({definition})")
    connection.execute(f"comment on table {table} is {literal(comment)}")
    for name, _, text in columns:
        connection.execute(f"comment on column {table}.{name} is {literal(text)}")


def _marks(columns: Columns) -> str:
    return ", ".join("?" for _ in columns)
