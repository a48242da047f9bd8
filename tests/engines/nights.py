"""A night on both engines: load what landed, build on DuckDB, build on Spark, compare."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from engine_comparison import Difference, compare_table
from spark_home import SparkHome

from pipelines.feeds.loader import LoadSummary, load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.identity.resolve import resolve_identities
from pipelines.privacy.contacts import write_contacts
from pipelines.privacy.key import require_key
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.warehouse.changes import Changes, write_changes
from pipelines.warehouse.dbt import invoke_dbt, raise_for_failures
from pipelines.warehouse.dimensions import DIMENSIONS
from pipelines.window import Window

SCHEMAS = ("core", "marts", "meta")

TABLES = sorted(
    f"{schema}.{path.stem}"
    for schema in SCHEMAS
    for path in (PROJECT_ROOT / "dbt_project" / "models" / schema).rglob("*.sql")
)
"""Every table of the warehouse, by the files of the project: a new model is compared unasked."""

REPLACED_TABLES = [
    *(f"core.dim_{dimension.entity}" for dimension in DIMENSIONS),
    *(
        f"{schema}.{path.stem}"
        for schema in SCHEMAS
        for path in sorted((PROJECT_ROOT / "dbt_project" / "models" / schema).rglob("*.sql"))
        if "materialized='incremental'" in path.read_text(encoding="utf-8")
    ),
]
"""Incremental tables that both engines replace, and the dimensions that are replaced by member."""


@dataclass(frozen=True, kw_only=True)
class Night:
    """What both engines made of one state of the raw rows.

    Attributes:
        summary: What was loaded.
        changes: What the build replaced.
        warehouse: Copy of DuckDB's file, as it was then.
        spark: Spark's home, which a later night writes over.
        spark_tables: Tables that Spark had then.
        differences: The comparison, by table.
    """

    summary: LoadSummary
    changes: Changes
    warehouse: Path
    spark: SparkHome
    spark_tables: set[str]
    differences: dict[str, Difference]


def run_night(
    house: Settings, spark: SparkHome, *, selection: list[str], tables: Sequence[str]
) -> Night:
    """Load what landed in the house, build the selection on both engines and compare tables.

    Raises:
        DbtFailed: When the build on DuckDB failed.
        SparkFailed: When the build on Spark did.
    """
    with duckdb.connect(str(house.raw_database)) as connection:
        summary = load_landed_files(
            connection,
            landing=house.landing,
            mappings=load_mappings(house.mappings),
            work=house.work,
        )
        resolve_identities(
            connection,
            seeds=house.dbt_project / "seeds",
            now=datetime.now(UTC).replace(tzinfo=None),
        )
        write_contacts(connection, require_key(connection, house.privacy_key))
    changes = write_changes(house.raw_database, house.warehouse_database, Window())
    raise_for_failures(invoke_dbt(house, ["--quiet", "build", *selection]))
    spark.export_raw(house.raw_database)
    # Tests that pass on DuckDB pass on equal tables too, and that they are equal is told below.
    spark.dbt("build", *selection, "--exclude-resource-type", "test")
    warehouse = house.home / f"after_{changes.fact_date_count}_dates.duckdb"
    shutil.copyfile(house.warehouse_database, warehouse)
    return Night(
        summary=summary,
        changes=changes,
        warehouse=warehouse,
        spark=spark,
        spark_tables={table for schema in SCHEMAS for table in spark.tables(schema)},
        differences={
            table: compare_table(warehouse, spark.table(table), table) for table in tables
        },
    )
