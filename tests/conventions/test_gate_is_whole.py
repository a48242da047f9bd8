"""Nothing is left out of the gate, and no check hangs in the air."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conventions_project import DbtProject, layer_of

from pipelines.feeds.contract import load_contracts
from pipelines.quality.suites import load_suites
from pipelines.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

SEEN = ("core", "marts", "meta")
"""Layers that readers of the warehouse see."""


def test_every_table_a_reader_sees_has_a_suite_and_every_suite_a_table(
    dbt_project: DbtProject, empty_house: Settings
) -> None:
    guarded = {suite.table for suite in load_suites(empty_house.expectations)}
    models = {f"{node['schema']}.{node['name']}" for node in dbt_project.models(*SEEN)}
    feeds = {contract.table for contract in load_contracts().values()}
    assert guarded == models | feeds | {"information_schema.columns"}


def test_a_suite_is_named_for_its_table_and_lies_in_its_layer(empty_house: Settings) -> None:
    misnamed = [
        suite.full_name
        for suite in load_suites(empty_house.expectations)
        if suite.table.split(".")[0] != "information_schema"
        and (suite.layer, suite.name)
        != (
            {"feeds": "raw", "meta": "audit"}.get(schema := suite.table.split(".")[0], schema),
            suite.table.split(".")[1],
        )
    ]
    assert misnamed == []


def test_every_suite_says_what_it_protects_and_names_its_failing_rows(
    empty_house: Settings,
) -> None:
    vague = [
        suite.full_name
        for suite in load_suites(empty_house.expectations)
        if not suite.description or not suite.key_columns
    ]
    assert vague == []


def test_every_suite_is_a_blocking_check_of_an_asset_that_exists(
    code_location: dg.Definitions, empty_house: Settings
) -> None:
    """Dagster silently leaves out a check of an asset that does not exist, and the run is green."""
    from pipelines.assets.gate import build_gate_checks

    graph = code_location.resolve_asset_graph()
    specs = [spec for check in build_gate_checks(empty_house) for spec in check.check_specs]
    assert len(specs) == len(load_suites(empty_house.expectations))
    assert [spec.key for spec in specs if not spec.blocking] == []
    assert {spec.asset_key for spec in specs} <= graph.materializable_asset_keys
    assert {spec.key for spec in specs} <= graph.asset_check_keys


@pytest.mark.parametrize("job_name", ["nightly", "backfill"])
def test_every_job_runs_every_check_and_every_asset(
    code_location: dg.Definitions, job_name: str
) -> None:
    graph = code_location.resolve_asset_graph()
    layer = code_location.resolve_job_def(job_name).asset_layer
    assert layer.selected_asset_keys == graph.materializable_asset_keys
    assert layer.asset_graph.asset_check_keys == graph.asset_check_keys


def test_no_check_hangs_on_an_asset_that_does_not_exist(code_location: dg.Definitions) -> None:
    graph = code_location.resolve_asset_graph()
    assert {key.asset_key for key in graph.asset_check_keys} <= graph.materializable_asset_keys


def test_every_test_of_dbt_stands_in_the_way_of_what_is_built_from_its_model(
    dbt_project: DbtProject,
) -> None:
    """dbt itself stops at a failed test; one that reads no model would be run at any time."""
    built = {node["unique_id"] for kind in ("model", "seed") for node in dbt_project.nodes(kind)}
    tests = dbt_project.nodes("test")
    assert tests
    assert [t["name"] for t in tests if not built.intersection(t["depends_on"]["nodes"])] == []
    assert [t["name"] for t in tests if not t["config"]["enabled"]] == []


def test_every_asset_has_owner_description_and_group(code_location: dg.Definitions) -> None:
    materializable = code_location.resolve_asset_graph().materializable_asset_keys
    poor = [
        spec.key.to_user_string()
        for spec in code_location.resolve_all_asset_specs()
        if spec.key in materializable
        and (not spec.owners or not spec.description or spec.group_name in (None, "default"))
    ]
    assert poor == []


def test_every_table_has_its_columns_and_their_descriptions_in_dagster(
    code_location: dg.Definitions,
) -> None:
    poor = [
        spec.key.to_user_string()
        for spec in code_location.resolve_all_asset_specs()
        if spec.key.path[0] in ("raw", *SEEN)
        and not (
            (schema := spec.metadata.get("dagster/column_schema"))
            and all(column.description and column.type for column in schema.columns)
        )
    ]
    assert poor == []


def test_dagster_knows_every_feed_and_every_model(
    dbt_project: DbtProject, code_location: dg.Definitions
) -> None:
    expected = {("raw", feed) for feed in load_contracts()}
    expected |= {(layer_of(node), node["name"]) for node in dbt_project.models()}
    expected |= {("seeds", node["name"]) for node in dbt_project.nodes("seed")}
    expected |= {("identity", "xref_customer_identity"), ("identity", "household")}
    expected |= {("published", "warehouse"), ("published", "dashboard")}
    expected |= {("privacy", "customer_hash")}
    keys = code_location.resolve_asset_graph().materializable_asset_keys
    assert {tuple(key.path) for key in keys} == expected
