"""Warehouse assets: the dbt project as one step, in this process."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from pipelines.feeds.contract import CONTRACTS
from pipelines.quality.verdict import withdraw_verdict
from pipelines.resources import DbtInProcess, HouseResource, WindowResource
from pipelines.settings import Settings
from pipelines.warehouse.changes import write_changes
from pipelines.warehouse.dbt import raise_for_failures
from pipelines.warehouse.state import make_sound, models_version

WAREHOUSE_SCHEMAS = ("core", "marts", "meta")


def build_warehouse_assets(manifest: Path) -> dg.AssetsDefinition:
    """All models of the dbt project, with their tests as checks."""
    translator = DagsterDbtTranslator()

    @dbt_assets(manifest=manifest, name="build_warehouse", dagster_dbt_translator=translator)
    def build(
        context: dg.AssetExecutionContext,
        house: HouseResource,
        window: WindowResource,
        dbt: DbtInProcess,
    ) -> Iterator[Any]:
        settings = house.settings
        withdraw_verdict(settings.verdict)
        version = models_version(settings.dbt_project, CONTRACTS)
        warehouse = settings.warehouse_database
        context.log.info(
            make_sound(warehouse, settings.raw_database, settings.published, version=version)
        )
        changes = write_changes(settings.raw_database, warehouse, window.window(context.run))
        context.log.info(
            f"{changes.fact_date_count} business date(s) to replace, "
            f"{changes.attribute_date_count} more with changed products"
        )
        events, outcome = dbt.run(
            context,
            settings,
            ["--quiet", "build", "--exclude-resource-type", "unit_test"],
            translator,
        )
        row_counts = _row_counts(settings) if outcome.success else {}
        for event in events:
            yield _with_row_count(event, row_counts)
        raise_for_failures(outcome)

    return build


def _row_counts(settings: Settings) -> dict[str, int]:
    """Rows of each warehouse table, by the name that Dagster gives the table's output."""
    with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
        rows = connection.execute(
            "select schema_name, table_name, estimated_size from duckdb_tables() "
            "where schema_name in (select unnest(?))",
            [list(WAREHOUSE_SCHEMAS)],
        ).fetchall()
    return {f"{schema}__{table}": count for schema, table, count in rows}


def _with_row_count(event: Any, row_counts: Mapping[str, int]) -> Any:
    if isinstance(event, dg.Output) and event.output_name in row_counts:
        return event.with_metadata(
            {**event.metadata, "dagster/row_count": row_counts[event.output_name]}
        )
    return event
