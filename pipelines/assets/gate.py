"""Asset checks: the suites of Great Expectations, each one a blocking check of its table.

Two steps: the raw suites judge the rows just loaded, before dbt builds on them; the others judge
the closed warehouse file and leave the verdict without which nothing is published.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg

from pipelines.assets.raw import raw_key
from pipelines.feeds.contract import CONTRACTS, load_contracts
from pipelines.quality.gate import run_gate
from pipelines.quality.report import FAILED, WARNED, GateReport, SuiteResult
from pipelines.quality.standing import rules_version, suites_to_ask
from pipelines.quality.suites import Suite, load_suites
from pipelines.quality.verdict import write_verdict
from pipelines.resources import HouseResource
from pipelines.settings import Settings
from pipelines.warehouse.dbt import manifest_path
from pipelines.warehouse.state import last_state, models_version, passed_before

WHOLE_WAREHOUSE_KEY = dg.AssetKey(["meta", "reconciliation"])
"""Where checks stand that judge no single table."""

WAREHOUSE_LAYERS = ("core", "marts", "audit")


def suite_asset_key(suite: Suite) -> dg.AssetKey:
    """The asset that a suite judges; one on the catalogue judges the warehouse as a whole."""
    schema, table = suite.table.split(".")
    if schema == "information_schema":
        return WHOLE_WAREHOUSE_KEY
    return raw_key(table) if suite.layer == "raw" else dg.AssetKey([schema, table])


def _spec(suite: Suite) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        f"gate_{suite.layer}_{suite.name}",
        asset=suite_asset_key(suite),
        blocking=True,
        description=f"The suite expectations/{suite.layer}/{suite.name}.yml.",
    )


def personal_columns(manifest: Path) -> dict[str, frozenset[str]]:
    """Columns near to a person, by table of both databases: their values never enter a result.

    Results and Data Docs outlive an erasure, so a customer's number may stand there no more than a
    mail address.

    Args:
        manifest: dbt's manifest, where the models say the class of their columns.
    """
    columns = {
        contract.table: frozenset(
            column.name for column in contract.columns if column.personal_data != "none"
        )
        for contract in load_contracts().values()
    }
    for node in json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values():
        if node["resource_type"] == "model":
            columns[f"{node['schema']}.{node['alias']}"] = frozenset(
                name
                for name, column in node["columns"].items()
                if "personal_data" in column["config"].get("meta", {})
            )
    return columns


def build_gate_checks(settings: Settings) -> list[dg.AssetChecksDefinition]:
    """The gate on the loaded rows and the gate on the warehouse."""
    raw_suites = load_suites(settings.expectations, layers=["raw"])
    warehouse_suites = load_suites(settings.expectations, layers=WAREHOUSE_LAYERS)

    @dg.multi_asset_check(name="raw_gate", specs=[_spec(suite) for suite in raw_suites])
    def raw_gate(
        context: dg.AssetCheckExecutionContext, house: HouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        report = _evaluate(house.settings, raw_suites, "raw")
        yield from _results(report, raw_suites)
        report.raise_for_status()

    @dg.multi_asset_check(name="warehouse_gate", specs=[_spec(suite) for suite in warehouse_suites])
    def warehouse_gate(
        context: dg.AssetCheckExecutionContext, house: HouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        settings = house.settings
        state = last_state(settings.warehouse_database)
        asked, reason = suites_to_ask(
            warehouse_suites,
            warehouse=settings.warehouse_database,
            previous=passed_before(
                state,
                settings.published,
                version=models_version(settings.dbt_project, CONTRACTS),
                rules_version=rules_version(settings.expectations),
            ),
        )
        context.log.info(reason)
        report = _evaluate(settings, asked, "warehouse")
        write_verdict(
            settings.verdict,
            report=report,
            warehouse=settings.warehouse_database,
            run_id=context.run.run_id,
            known=state.warehouse_digest if state else None,
        )
        yield from _results(report, warehouse_suites)
        report.raise_for_status()

    return [raw_gate, warehouse_gate]


def _evaluate(settings: Settings, suites: Sequence[Suite], name: str) -> GateReport:
    return run_gate(
        {"raw": settings.raw_database, "warehouse": settings.warehouse_database},
        suites,
        settings.data_docs / name,
        personal_columns=personal_columns(manifest_path(settings)),
        settings={"memory_limit": settings.memory_limit},
    )


def _results(report: GateReport, suites: Sequence[Suite]) -> Iterator[dg.AssetCheckResult]:
    by_name = {suite.full_name: suite for suite in suites}
    for result in report.suites:
        suite = by_name[result.full_name]
        yield dg.AssetCheckResult(
            check_name=f"gate_{suite.layer}_{suite.name}",
            asset_key=suite_asset_key(suite),
            passed=result.status not in (FAILED, "error", WARNED),
            severity=(
                dg.AssetCheckSeverity.WARN
                if result.status == WARNED
                else dg.AssetCheckSeverity.ERROR
            ),
            description="; ".join(failure.describe() for failure in result.failures)[:2000] or None,
            metadata=_metadata(result, report),
        )


def _metadata(result: SuiteResult, report: GateReport) -> dict[str, dg.MetadataValue]:
    metadata: dict[str, dg.MetadataValue] = {
        "status": dg.MetadataValue.text(result.status),
        "evaluated": dg.MetadataValue.int(result.evaluated_count),
        "failed": dg.MetadataValue.json([failure.describe() for failure in result.failures]),
        "suite": dg.MetadataValue.path(f"expectations/{result.layer}/{result.name}.yml"),
    }
    if report.data_docs_index:
        metadata["data_docs"] = dg.MetadataValue.url(report.data_docs_index.as_uri())
    return metadata
