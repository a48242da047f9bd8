"""How near a column is to a person is said in the contracts, and reaches every model made of it."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from conventions_project import DbtProject, Node, layer_of

from pipelines.assets.gate import personal_columns
from pipelines.feeds.contract import load_contracts
from pipelines.quality.samples import key_columns
from pipelines.quality.suites import load_suites
from pipelines.settings import Settings
from pipelines.warehouse.dbt import manifest_path

SEEN = ("core", "marts", "meta")
"""Layers that readers of the warehouse see."""

MADE_OF_PERSONS = {
    "customer_id": "pseudonym",
    "customer_key": "pseudonym",
    "household_id": "pseudonym",
    "source_customer_ref": "pseudonym",
    "employee_id": "pseudonym",
    "employee_key": "pseudonym",
    "email_hash": "pseudonym",
    "phone_hash": "pseudonym",
    "name_token": "pseudonym",
    "postal_region": "quasi_identifier",
    "postal_area": "quasi_identifier",
    "birth_year": "quasi_identifier",
}
"""Columns that models make of those of the contracts, under names of their own."""

FREE_TEXTS = {"proof_ref"}
"""Columns of contracts in which people write what they like, of a person: a name too."""

OF_NO_PERSON = {
    "stg_service__rule.life_event_type",
    "stg_service__rule.life_stage_name",
    "dim_service_rule.life_stage_name",
}
"""Columns named like a person's that are none's: a rule names the event that starts it."""


def classes(model: Node) -> dict[str, str]:
    """Personal-data class of a model's columns that have one."""
    return {
        name: column["config"]["meta"]["personal_data"]
        for name, column in model["columns"].items()
        if "personal_data" in column["config"].get("meta", {})
    }


def test_the_class_of_a_contract_reaches_the_staged_column_of_the_same_name(
    dbt_project: DbtProject,
) -> None:
    contracts = load_contracts()
    wrong = []
    for model in dbt_project.models("staging"):
        (feed,) = (
            read["name"] for read in dbt_project.upstream(model) if layer_of(read) == "source:raw"
        )
        expected = {c.name: c.personal_data for c in contracts[feed].columns}
        said = classes(model)
        wrong += [
            f"{model['name']}.{name} is {said.get(name, 'none')}, in its contract {expected[name]}"
            for name in model["columns"]
            if name in expected and said.get(name, "none") != expected[name]
        ]
    assert wrong == []


def test_a_column_made_of_a_person_says_so_in_every_model(dbt_project: DbtProject) -> None:
    silent = [
        f"{model['name']}.{name}"
        for model in dbt_project.models()
        for name in MADE_OF_PERSONS.keys() & model["columns"].keys()
        if classes(model).get(name) != MADE_OF_PERSONS[name]
    ]
    assert silent == []


def trespasses_on_health(project: DbtProject) -> list[str]:
    """Models of another purpose that hold health data, or are made of what does, however far.

    A column says its class, and a feed's column is looked for in the SQL by its name too: under
    another one, or without a class, it would be health data all the same.
    """
    models = project.models()
    health = {m["unique_id"] for m in models if m["config"]["meta"].get("purpose") == "health"}
    of_feed = {
        contract.feed: {c.name for c in contract.columns if c.personal_data == "health"}
        for contract in load_contracts().values()
    }
    made_of_health = set(health)
    while more := {
        m["unique_id"]
        for m in models
        if m["unique_id"] not in made_of_health
        and made_of_health.intersection(m["depends_on"]["nodes"])
    }:
        made_of_health |= more
    found = []
    for model in models:
        if model["unique_id"] in health:
            continue
        if model["unique_id"] in made_of_health:
            found.append(f"{model['name']} is made of health data")
        found += [
            f"{model['name']}.{name}" for name, kind in classes(model).items() if kind == "health"
        ]
        found += [
            f"{model['name']} reads {column} of {read['name']}"
            for read in project.upstream(model)
            if layer_of(read) == "source:raw"
            for column in sorted(of_feed[read["name"]])
            if re.search(rf"\b{column}\b", model["raw_code"])
        ]
    return found


def test_health_data_are_read_for_their_purpose_alone(dbt_project: DbtProject) -> None:
    """A model of another purpose, such as a score, may not be made of them."""
    assert any(m["config"]["meta"].get("purpose") == "health" for m in dbt_project.models())
    assert trespasses_on_health(dbt_project) == []


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        (
            "revenue_tree",
            {"depends_on": {"nodes": ["model.tillhouse.int_life_event__consented"]}},
            ["revenue_tree is made of health data"],
        ),
        (
            "int_customer_record__versioned",
            {"depends_on": {"nodes": ["model.tillhouse.stg_crm__life_event"]}},
            None,
        ),
        (
            "stg_crm__customer",
            {"raw_code": "select life_event_date as kept_date from source"},
            ["stg_crm__customer reads life_event_date of crm_customer"],
        ),
        (
            "dim_household",
            {"columns": {"due_date": {"config": {"meta": {"personal_data": "health"}}}}},
            ["dim_household.due_date"],
        ),
    ],
)
def test_health_data_in_a_model_of_another_purpose_are_found(
    dbt_project: DbtProject, name: str, change: Node, expected: list[str] | None
) -> None:
    nodes = {
        key: node | change if node["name"] == name else node
        for key, node in dbt_project.manifest["nodes"].items()
    }
    bad = DbtProject(manifest=dbt_project.manifest | {"nodes": nodes}, deprecations=[])
    found = trespasses_on_health(bad)
    if expected is None:
        # Whatever is made of it trespasses too: versions, the dimension, scores.
        assert {f"{m} is made of health data" for m in (name, "dim_customer", "rfm")} <= set(found)
    else:
        assert found == expected


def test_one_name_has_one_class_in_all_models(dbt_project: DbtProject) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for model in dbt_project.models():
        said = classes(model)
        for name in model["columns"]:
            if f"{model['name']}.{name}" not in OF_NO_PERSON:
                found[name].add(said.get(name, "none"))
    assert {name: kinds for name, kinds in found.items() if len(kinds) > 1} == {}


def test_what_names_reaches_or_locates_a_person_is_in_no_model(dbt_project: DbtProject) -> None:
    assert [
        f"{model['name']}.{name}"
        for model in dbt_project.models()
        for name, kind in classes(model).items()
        if kind not in ("pseudonym", "quasi_identifier", "health")
    ] == []
    seen = defaultdict(set)
    for model in dbt_project.models(*SEEN):
        seen[model["config"]["meta"].get("purpose")] |= set(classes(model).values())
    assert seen == {None: {"pseudonym", "quasi_identifier"}, "health": {"pseudonym", "health"}}


def test_failing_rows_of_the_warehouse_are_named_by_nothing_near_to_a_person(
    dbt_project: DbtProject, empty_house: Settings
) -> None:
    """What the gate found stays in Data Docs and in Dagster's log after a person was erased."""
    hidden = personal_columns(manifest_path(empty_house))
    near = {name for model in dbt_project.models() for name in classes(model)}
    assert hidden["core.xref_customer_identity"] == {"source_id", "customer_id"}
    suites = load_suites(empty_house.expectations)
    keys = {
        (suite.full_name, key)
        for suite in suites
        for expectation in suite.expectations
        for key in key_columns(
            suite, expectation, hidden_columns=hidden.get(suite.table, frozenset())
        )
    }
    assert keys
    assert sorted((suite, key) for suite, key in keys if key in near) == []


def test_who_did_something_is_published_as_a_kind_and_never_by_name(
    dbt_project: DbtProject,
) -> None:
    """What the command line writes there is a login."""
    doers = {
        f"{model['name']}.{name}": [c.get("expression") or "" for c in column["constraints"]]
        for model in dbt_project.models(*SEEN)
        for name, column in model["columns"].items()
        if name.endswith("_by")
    }
    assert doers
    assert [
        place
        for place, rules in doers.items()
        if not any(f"{place.partition('.')[2]} in (" in rule for rule in rules)
    ] == []


def test_what_people_write_of_a_person_is_in_no_model(dbt_project: DbtProject) -> None:
    delivered = {column.name for c in load_contracts().values() for column in c.columns}
    assert delivered >= FREE_TEXTS
    assert [
        f"{model['name']}.{name}"
        for model in dbt_project.models()
        for name in FREE_TEXTS & model["columns"].keys()
    ] == []
