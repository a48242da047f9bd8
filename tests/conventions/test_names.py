"""A column's name says what it holds: endings stand for types, one name for one type."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from conventions_project import DbtProject

SEEN = ("core", "marts", "meta")
"""Layers that readers of the warehouse see."""

TYPES = (
    (r"(is|has)_\w+", {"boolean"}),
    # A band such as 3+, as the retailer asks it.
    (r"children_count", {"string"}),
    (r"\w+_key", {"bigint"}),
    (r"\w+_(id|ref|code|name|status|reason|label)", {"string"}),
    (r"\w+_at", {"timestamp"}),
    (r"\w+_date|date_\w+", {"date"}),
    # A mean of money, or money per something, is a quotient.
    (r"average_\w+|\w+_per_\w+|\w+_mean|\w+_rate|\w+_index", {"double"}),
    (r"\w+_amount(_ly)?(_aligned)?", {"decimal(18,4)"}),
    # Tills may return half a piece; what is weighed counts as one.
    (r"quantity|\w+_quantity|unit_count", {"decimal(18,3)"}),
    (r"\w+_(count|number|rank|score)", {"bigint"}),
    (r"\w+_days", {"bigint", "double"}),
)
"""The first pattern that fits a whole name decides."""

PERSONAL = re.compile(
    r"(^|_)(first|last|given|family|full|maiden)_name|(^|_)(e?mail|phone|mobile|fax|street|house"
    r"_number|address|postcode|zip|city|iban|birth_?date|birthday|date_of_birth|customer_name)(_(?!hash$)|$)"
)
"""Names of what is too near to a person for the warehouse."""


def columns(dbt_project: DbtProject, *layers: str) -> list[tuple[str, str, str]]:
    """Model, column and type of what a reader sees."""
    return [
        (model["name"], column["name"], column["data_type"])
        for model in dbt_project.models(*layers)
        for column in model["columns"].values()
    ]


def expected_types(name: str) -> set[str] | None:
    """The types that a column of this name may have; None when its name says nothing of it."""
    return next((types for pattern, types in TYPES if re.fullmatch(pattern, name)), None)


def test_the_ending_of_a_name_says_its_type(dbt_project: DbtProject) -> None:
    wrong = [
        f"{model}.{name} is {kind}, not {' or '.join(sorted(types))}"
        for model, name, kind in columns(dbt_project, *SEEN)
        if (types := expected_types(name)) and kind not in types
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("boolean", r"(is|has)_\w+"),
        ("timestamp", r"\w+_at"),
        ("decimal(18,4)", r"\w+_amount(_ly)?(_aligned)?"),
        ("decimal(18,3)", r"quantity|\w+_quantity|unit_count"),
        ("date", r"\w+_date|date_\w+|cohort_month"),
    ],
)
def test_a_type_is_told_by_the_ending_of_the_name(
    dbt_project: DbtProject, kind: str, pattern: str
) -> None:
    silent = [
        f"{model}.{name}"
        for model, name, found in columns(dbt_project, *SEEN)
        if found == kind and not re.fullmatch(pattern, name)
    ]
    assert silent == []


def test_one_name_has_one_type_everywhere(dbt_project: DbtProject) -> None:
    types: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for model, name, kind in columns(dbt_project, *SEEN):
        types[name][kind].append(model)
    assert {name: dict(kinds) for name, kinds in types.items() if len(kinds) > 1} == {}


def test_one_name_has_one_meaning_wherever_facts_share_it(dbt_project: DbtProject) -> None:
    """A key, an id or a measure of two facts is described by one shared doc block."""
    meanings: dict[str, set[str]] = defaultdict(set)
    for model in dbt_project.models("core"):
        for column in model["columns"].values():
            if model["name"].startswith("fct_"):
                meanings[column["name"]].add(column["description"].strip())
    assert {name: texts for name, texts in meanings.items() if len(texts) > 1} == {}


def test_names_are_whole_words_in_snake_case(dbt_project: DbtProject) -> None:
    abbreviations = {
        "amt",
        "qty",
        "cnt",
        "num",
        "nbr",
        "no",
        "dt",
        "ts",
        "cust",
        "prod",
        "txn",
        "pct",
    }
    odd = [
        f"{model}.{name}"
        for model, name, _ in columns(dbt_project, *SEEN)
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)
        or abbreviations.intersection(name.split("_"))
    ]
    assert odd == []


def test_nothing_near_to_a_person_is_in_the_warehouse(dbt_project: DbtProject) -> None:
    assert [
        f"{model}.{name}" for model, name, _ in columns(dbt_project, *SEEN) if PERSONAL.search(name)
    ] == []


def test_facts_hold_no_float(dbt_project: DbtProject) -> None:
    """Sums of floats depend on the order of the rows, so no rebuild would be equal to the last."""
    assert [
        f"{model}.{name}"
        for model, name, kind in columns(dbt_project, "core")
        if kind in ("double", "float", "real")
    ] == []


def test_every_key_of_a_fact_has_its_durable_id_beside_it(dbt_project: DbtProject) -> None:
    """But the promotion of a receipt line: its text would be written 1.5 million times.

    A transaction profile has no id: it is nothing but its attributes.
    """
    lonely = {
        f"{model['name']}.{name}"
        for model in dbt_project.models("core")
        for name in model["columns"]
        if name.endswith("_key") and f"{name.removesuffix('_key')}_id" not in model["columns"]
    }
    assert lonely <= {
        "fct_sales.promotion_key",
        "fct_sales.transaction_profile_key",
        "dim_transaction_profile.transaction_profile_key",
    }


def test_nothing_of_the_loader_reaches_a_reader(dbt_project: DbtProject) -> None:
    """File numbers and clock times differ between two builds of the same files."""
    assert [
        f"{model}.{name}" for model, name, _ in columns(dbt_project, *SEEN) if name.startswith("_")
    ] == []
