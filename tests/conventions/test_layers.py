"""Which model may read which, where it stands, and what is said of it beside it."""

import re
from pathlib import Path

import pytest
from conventions_project import DbtProject, layer_of

from pipelines.feeds.contract import load_contracts
from pipelines.warehouse.dimensions import DIMENSIONS, VERSIONED_FACTS
from pipelines.warehouse.selection import ALWAYS_BUILT

MAY_READ = {
    "staging": {"source:raw", "source:ledger"},
    "intermediate": {
        "staging",
        "intermediate",
        "seed",
        "source:identity",
        "source:privacy",
        "source:retention",
    },
    "core": {"staging", "intermediate", "core", "seed"},
    "marts": {"core", "marts", "seed"},
    "meta": {
        "source:raw",
        "source:ledger",
        "source:privacy",
        "source:retention",
        "seed",
        "staging",
        "intermediate",
        "core",
        "marts",
        "meta",
    },
}

EXCEPTIONS = {
    # The calendar reads only the calendar's feed, so whoever reads it stays in his layer.
    ("intermediate", "dim_date"),
    # Which dates to replace is the business of every incremental model.
    ("intermediate", "changed_business_date"),
    ("core", "changed_business_date"),
    ("marts", "changed_business_date"),
    # Who reads a mart is told there that a day of it did not come.
    ("marts", "missing_store_day"),
    # The control total of what was delivered: through staging it would agree with staging.
    ("int_sales_line__totalled", "pos_line"),
    ("int_sales_line__totalled", "pos_transaction"),
    ("int_sales_line__totalled", "pos_discount"),
    ("int_sales_line__totalled", "excluded_row"),
    ("reconciliation", "pos_line"),
    # Who is who is decided outside of dbt, and published as it was decided.
    ("xref_customer_identity", "xref_customer_identity"),
    ("bridge_household_member", "household"),
    ("identity_decision", "decision"),
    # Models are fitted on the summary that readers see, and scores published as they were made.
    ("int_value_model__fitted", "btyd_summary"),
    ("int_occasion__scored", "btyd_summary"),
    ("int_customer_score__held", "btyd_summary"),
    ("customer_clv", "int_value_model__fitted"),
    ("customer_clv", "int_occasion__scored"),
    ("customer_clv", "int_customer_score__held"),
    ("customer_priority", "int_value_model__fitted"),
    # Communities are found in the graph of the pairs that readers see.
    ("int_affinity_member__grouped", "basket_affinity"),
    ("shelf_group", "int_affinity_member__grouped"),
    # Stores are clustered by the mix that readers see.
    ("int_store__clustered", "store_mix"),
    ("int_store__clustered", "dim_store"),
    ("store_cluster", "int_store__clustered"),
    # What counts as sold and as taken back is decided in the facts.
    ("int_stock__moved", "fct_sales"),
    ("int_stock__moved", "fct_returns"),
    # What rates are made of is summed from the facts, and its millions of rows are not published.
    ("int_store_item__stocked", "fct_inventory_snapshot"),
    ("int_store_item__stocked", "fct_sales"),
    ("int_store_item__stocked", "fct_sales_day"),
    ("int_store_item__stocked", "fct_stock_movement"),
    ("store_item_rate", "int_store_item__stocked"),
    ("store_item", "int_store_item__stocked"),
    # Up to which day a change of stock is seen depends on when stock was delivered.
    ("store_item_rate", "int_stock__delivered"),
    ("store_stock_week", "int_stock__delivered"),
    ("store_item", "int_stock__delivered"),
    ("weekday_index", "int_stock__delivered"),
    ("inventory_health", "int_stock__delivered"),
    ("promo_lift", "int_stock__delivered"),
    # Which members to replace is found before dbt runs, as changed dates are.
    *(
        (f"dim_{dimension.entity}", table)
        for dimension in DIMENSIONS
        for table in (f"changed_{dimension.entity}", f"{dimension.entity}_version")
    ),
    # What a mart was before this run is left there for the mart that is made of it.
    ("customer_value", "customer_month_change"),
    ("customer_month", "customer_month_change"),
    ("customer_month", "customer_month_version"),
    ("clv_curve", "customer_month_change"),
    ("cohort_retention", "customer_month_change"),
    ("retention_economics", "customer_month_change"),
    # Likewise what customers had said.
    ("gain_loss", "standing_consent"),
    ("revenue_tree", "standing_consent"),
    # And dates that a fact is about to replace.
    ("fct_basket", "basket_date"),
    ("fct_returns", "return_date"),
    # And who had bought on dates that changed.
    ("customer_lifecycle", "standing_day_customer"),
    ("customer_lifecycle", "changed_stage_customer"),
    ("customer_lifecycle", "standing_stage_move"),
    ("lifecycle_transition", "changed_stage_customer"),
    ("lifecycle_transition", "standing_stage_move"),
    ("customer_cycle", "standing_day_customer"),
    ("btyd_summary", "standing_day_customer"),
    ("customer_month", "standing_consent"),
    ("customer_month", "customer_month_input"),
    ("store_performance", "store_performance_input"),
    # A store that is another one is compared anew on all its days.
    ("comparable_store_day", "changed_store"),
}
"""Reader's layer or name, and what it reads all the same."""

NAMES = {
    "staging": r"stg_(pos|crm|master|stock|service|finance|partner)__[a-z_]+",
    "intermediate": r"int_[a-z]+(_[a-z]+)*__[a-z]+",
    "core": r"(dim|fct|xref|bridge)_[a-z]+(_[a-z]+)*",
    "marts": r"(?!stg_|int_|dim_|fct_|mart_)[a-z]+(_[a-z0-9]+)*",
    "meta": r"[a-z]+(_[a-z]+)*",
}

DESCRIBED = ("core", "marts", "meta")
"""Layers that readers of the warehouse see."""


@pytest.mark.parametrize("layer", MAY_READ)
def test_a_layer_reads_only_what_lies_below_it(dbt_project: DbtProject, layer: str) -> None:
    trespasses = [
        f"{model['name']} reads {read['name']} ({layer_of(read)})"
        for model in dbt_project.models(layer)
        for read in dbt_project.upstream(model)
        if layer_of(read) not in MAY_READ[layer]
        and not {(layer, read["name"]), (model["name"], read["name"])} & EXCEPTIONS
    ]
    assert trespasses == []


def test_every_exception_is_still_needed(dbt_project: DbtProject) -> None:
    reads = {
        (reader, read["name"])
        for model in dbt_project.models()
        for read in dbt_project.upstream(model)
        for reader in (layer_of(model), model["name"])
    }
    assert reads >= EXCEPTIONS


def test_a_staging_model_reads_the_one_feed_it_is_named_for(dbt_project: DbtProject) -> None:
    sources = {
        model["name"]: [
            read["name"] for read in dbt_project.upstream(model) if layer_of(read) == "source:raw"
        ]
        for model in dbt_project.models("staging")
    }
    assert {name: len(read) for name, read in sources.items()} == dict.fromkeys(sources, 1)


@pytest.mark.parametrize("layer", NAMES)
def test_models_are_named_by_their_layer(dbt_project: DbtProject, layer: str) -> None:
    models = dbt_project.models(layer)
    assert models
    assert [m["name"] for m in models if not re.fullmatch(NAMES[layer], m["name"])] == []


def test_every_model_stands_in_a_known_layer(dbt_project: DbtProject) -> None:
    assert {layer_of(model) for model in dbt_project.models()} == set(NAMES)


def test_a_staging_model_lies_in_the_folder_of_its_source(dbt_project: DbtProject) -> None:
    misplaced = [
        model["path"]
        for model in dbt_project.models("staging")
        if not model["name"].startswith(f"stg_{Path(model['path']).parent.name}__")
    ]
    assert misplaced == []


def test_every_model_and_seed_is_described_in_its_own_file_beside_it(
    dbt_project: DbtProject,
) -> None:
    alone = [
        node["original_file_path"]
        for node in dbt_project.nodes("model") + dbt_project.nodes("seed")
        if (node["patch_path"] or "").removeprefix("tillhouse://")
        != str(Path(node["original_file_path"]).with_suffix(".yml"))
    ]
    assert alone == []


def test_every_model_says_its_grain(dbt_project: DbtProject) -> None:
    assert [m["name"] for m in dbt_project.models() if not m["description"].strip()] == []


@pytest.mark.parametrize("layer", DESCRIBED)
def test_every_column_a_reader_sees_is_described_and_typed(
    dbt_project: DbtProject, layer: str
) -> None:
    poor = [
        f"{model['name']}.{column['name']}"
        for model in dbt_project.models(layer)
        for column in model["columns"].values()
        if not column["description"].strip() or not column["data_type"]
    ]
    assert poor == []


@pytest.mark.parametrize("layer", DESCRIBED)
def test_what_a_reader_sees_is_under_contract_and_carries_its_descriptions(
    dbt_project: DbtProject, layer: str
) -> None:
    loose = [
        model["name"]
        for model in dbt_project.models(layer)
        if not model["config"]["contract"]["enforced"]
        or model["config"]["persist_docs"] != {"relation": True, "columns": True}
        or not model["columns"]
    ]
    assert loose == []


def test_a_reader_meets_schemas_of_plain_names(dbt_project: DbtProject) -> None:
    places = {layer_of(m): (m["database"], m["schema"]) for m in dbt_project.models()}
    assert places == {
        "staging": ("raw", "staging"),
        "intermediate": ("raw", "intermediate"),
        "core": ("warehouse", "core"),
        "marts": ("warehouse", "marts"),
        "meta": ("warehouse", "meta"),
    }


def test_every_contract_has_its_source_and_its_staging_model(dbt_project: DbtProject) -> None:
    contracts = load_contracts()
    sources = {
        source["name"]: source
        for source in dbt_project.manifest["sources"].values()
        if source["source_name"] == "raw"
    }
    staged = {
        read["name"]: model["name"]
        for model in dbt_project.models("staging")
        for read in dbt_project.upstream(model)
        if layer_of(read) == "source:raw"
    }
    assert set(sources) == set(contracts)
    assert set(staged) == set(contracts)
    for feed, contract in contracts.items():
        assert staged[feed].startswith(f"stg_{contract.source}__")
        assert sources[feed]["schema"] == "feeds"
        assert sources[feed]["config"]["meta"]["dagster"]["asset_key"] == ["raw", feed]


def test_the_project_parses_without_a_deprecation(dbt_project: DbtProject) -> None:
    """dbt 2 refuses what dbt 1 only warns of."""
    assert dbt_project.deprecations == []


def test_every_singular_test_names_the_model_it_judges(dbt_project: DbtProject) -> None:
    """It may read several; Dagster takes a test without this for an observation."""
    models = {model["name"] for model in dbt_project.models()}
    singular = dbt_project.singular_tests()
    assert singular
    assert [
        test["name"]
        for test in singular
        if test["config"]["meta"].get("dagster", {}).get("ref", {}).get("name") not in models
    ] == []


def test_every_singular_test_is_named_for_its_invariant_and_says_what_a_row_means(
    dbt_project: DbtProject,
) -> None:
    assert [
        test["name"]
        for test in dbt_project.singular_tests()
        if not test["name"].startswith("assert_") or "-- A returned row" not in test["raw_code"]
    ] == []


def test_no_test_is_a_mere_warning_without_a_reason(dbt_project: DbtProject) -> None:
    lenient = {
        node["name"]
        for node in dbt_project.nodes("test")
        if node["config"]["severity"].lower() != "error"
    }
    assert lenient == set()


def test_every_model_a_reader_sees_has_a_unique_key_that_is_tested(
    dbt_project: DbtProject,
) -> None:
    proofs = ("unique", "unique_combination", "whole_history")
    tested = {
        node["attached_node"]
        for node in dbt_project.nodes("test")
        if (node.get("test_metadata") or {}).get("name") in proofs
    }
    untested = {m["name"] for m in dbt_project.models(*DESCRIBED) if m["unique_id"] not in tested}
    # 20.9 million rows in the demo: the loader lets no business key of the feed in twice.
    assert untested == {"fct_promo_coverage"}


def test_a_night_follows_every_table_of_the_ledger_and_of_privacy(dbt_project: DbtProject) -> None:
    names = {
        source["name"]
        for source in dbt_project.manifest["sources"].values()
        if source["source_name"] == "ledger"
    }
    # Repeats and deliveries change with files of the feed only, and changed dates bring the feeds
    # of their facts. Hashes of contacts count as a feed.
    told_by_feeds = {"excluded_row", "delta_file", "changed_business_date"}
    followed = {f"source:ledger.{name}+" for name in names - told_by_feeds}
    of_privacy = {
        f"source:privacy.{source['name']}+"
        for source in dbt_project.manifest["sources"].values()
        if source["source_name"] == "privacy" and source["name"] != "customer_hash"
    }
    told_by_nobody = of_privacy | {"source:retention.purge_log+", "source:identity.decision+"}
    assert followed | told_by_nobody == set(ALWAYS_BUILT)


def test_a_night_compares_the_members_of_every_dimension_that_it_replaces_by_member(
    dbt_project: DbtProject,
) -> None:
    replaced = {
        model["name"]
        for model in dbt_project.models("core")
        if model["config"]["materialized"] == "incremental" and model["name"].startswith("dim_")
    }
    assert {f"dim_{dimension.entity}" for dimension in DIMENSIONS} == replaced


def test_a_night_compares_the_versions_of_every_fact_that_it_replaces_by_date(
    dbt_project: DbtProject,
) -> None:
    """A fact that is built whole finds its versions anew; so does one that is made of another."""
    replaced = {
        model["name"]: {
            dimension.entity
            for dimension in DIMENSIONS
            if f"{dimension.entity}_key" in model["columns"]
        }
        for model in dbt_project.models("core")
        if model["config"]["materialized"] == "incremental" and model["name"].startswith("fct_")
    }
    made_of_sales = set().union(
        *(
            replaced.pop(fact)
            for fact in (
                "fct_basket",
                "fct_customer_day",
                "fct_returns",
                "fct_sales_day",
                "fct_sales_week",
                "fct_stock_day",
            )
        )
    )
    compared = {fact: set(entities) for fact, (*_, entities) in VERSIONED_FACTS.items()}
    assert compared == replaced
    assert made_of_sales <= compared["fct_sales"]
