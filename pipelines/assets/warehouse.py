"""Warehouse assets: the dbt project as one step, in this process."""

from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from pipelines.feeds.contract import CONTRACTS
from pipelines.quality.verdict import withdraw_verdict
from pipelines.resources import DbtInProcess, HouseResource, WindowResource
from pipelines.settings import Settings
from pipelines.value.told import told
from pipelines.warehouse.changes import write_changes
from pipelines.warehouse.dbt import build_views, raise_for_failures
from pipelines.warehouse.dimensions import VERSION_VIEWS
from pipelines.warehouse.selection import changed_feeds, feed_versions, selection
from pipelines.warehouse.state import make_sound, models_version

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

WAREHOUSE_SCHEMAS = ("core", "marts", "meta")

FITS_OUTPUT = "intermediate__int_value_model__fitted"
"""The table of fits, which shows its parameters and how they held."""


def build_warehouse_assets(manifest: Path) -> dg.AssetsDefinition:
    """All models of the dbt project; a failed test of a model stops what is built from it."""
    translator = DagsterDbtTranslator(DagsterDbtTranslatorSettings(enable_asset_checks=False))

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
        base = make_sound(warehouse, settings.raw_database, settings.published, version=version)
        context.log.info(base.description)
        now = feed_versions(settings.raw_database)
        changed = None
        if base.feed_versions is not None:
            changed = changed_feeds(base.feed_versions, now)
        elif warehouse.exists():
            raise_for_failures(build_views(settings, VERSION_VIEWS))
        changes = write_changes(
            settings.raw_database,
            warehouse,
            window.window(context.run),
            changed_feeds=changed,
        )
        context.log.info(
            f"{changes.fact_date_count} business date(s) to replace, "
            f"{changes.attribute_date_count} more with changed groups"
        )
        selected = selection(base.feed_versions, now, has_changed_dates=changes.fact_date_count > 0)
        # The manifest of the parse holds; to write it again takes a second.
        quick = ["--quiet", "--no-write-json", "--exclude-resource-type", "unit_test"]
        outputs, outcome = dbt.run(context, settings, ["build", *quick, *selected], translator)
        row_counts = _row_counts(settings) if outcome.success else {}
        passed_tests = _passed_tests(outcome)
        built = {output.output_name: output for output in outputs}
        fits = _fits(settings) if outcome.success and FITS_OUTPUT in built else {}
        for name in _output_names_in_order(context.assets_def):
            if name in built:
                event = _with_evidence(built[name], row_counts, passed_tests)
                is_fit = name == FITS_OUTPUT
                yield event.with_metadata({**event.metadata, **fits}) if is_fit else event
            elif outcome.success:
                # Gate and publishing wait for each table, also for one that stands as it was.
                yield dg.Output(None, name, metadata={"unchanged": True})
        raise_for_failures(outcome)

    return build


def _output_names_in_order(assets: dg.AssetsDefinition) -> list[str]:
    """Outputs of the step with each table after those that it is made of, as Dagster asks for."""
    names = {key: name for name, key in assets.keys_by_output_name.items()}
    order = TopologicalSorter(assets.asset_deps).static_order()
    return [names[key] for key in order if key in names]


def _row_counts(settings: Settings) -> dict[str, int]:
    """Rows of each warehouse table, by the name that Dagster gives the table's output."""
    with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
        rows = connection.execute(
            "select schema_name, table_name, estimated_size from duckdb_tables() "
            "where schema_name in (select unnest(?))",
            [list(WAREHOUSE_SCHEMAS)],
        ).fetchall()
    return {f"{schema}__{table}": count for schema, table, count in rows}


def _fits(settings: Settings) -> dict[str, dg.MetadataValue]:
    """The fits of customer value as a reader may look at them."""
    with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
        return {title: dg.MetadataValue.md(text) for title, text in told(connection).items()}


def _passed_tests(outcome: "dbtRunnerResult") -> Counter[str]:
    """Passed dbt tests by the unique id of each model they look at."""
    nodes = outcome.result.results if outcome.result else []
    return Counter(
        parent
        for node in nodes
        if node.node.resource_type == "test" and str(node.status) == "pass"
        for parent in node.node.depends_on.nodes
    )


def _with_evidence(
    event: dg.Output, row_counts: Mapping[str, int], passed_tests: Mapping[str, int]
) -> dg.Output:
    evidence: dict[str, Any] = {"dbt_tests_passed": passed_tests.get(_unique_id(event), 0)}
    if event.output_name in row_counts:
        evidence["dagster/row_count"] = row_counts[event.output_name]
    return event.with_metadata({**event.metadata, **evidence})


def _unique_id(event: dg.Output) -> str:
    return str(getattr(event.metadata.get("unique_id"), "value", event.metadata.get("unique_id")))
