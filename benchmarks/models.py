"""The statements that the floor borrows: the models of the marts, as dbt compiles them.

Formulas of the marts are the work itself: floor and house must do the same, so the floor runs the
same select without dbt around it. Loading, dimensions and sales lines have a shorter way in plain
SQL; those the floor says in its own words, see `floor`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HAND_WRITTEN = {
    "dim_store",
    "dim_product",
    "dim_customer",
    "dim_promotion",
    "fct_sales",
    "fct_promo_coverage",
}
"""Models that the floor has statements of its own for."""

_DELETE = re.compile(
    r"delete_(?:changed|baskets)\('(?P<column>\w+)'(?:, '\w+')?(?:, (?P<facts>\w+))?"
)


@dataclass(frozen=True, kw_only=True)
class Model:
    """One statement of the floor.

    Attributes:
        relation: Where its rows go, as database.schema.name.
        is_view: Whether the house keeps it as a view.
        is_python: Whether the query is Python, as the models of customer value are.
        query: The select, or the program as dbt compiles it.
        replaces: The column whose changed values a night replaces; None when it builds it anew.
    """

    relation: str
    is_view: bool
    is_python: bool
    query: str
    replaces: str | None


def compile_models(home: Path) -> list[Model]:
    """The borrowed models in the order in which they can be built.

    Args:
        home: Laid out like a home of the house; dbt looks there whether tables stand already, and
            compiles an incremental model for a night when they do.

    Raises:
        RuntimeError: When dbt cannot compile.
    """
    from pipelines.settings import Settings
    from pipelines.warehouse.dbt import invoke_dbt, manifest_path

    settings = Settings(home=home)
    settings.make_directories()
    outcome = invoke_dbt(settings, ["--quiet", "compile"])
    if not outcome.success:
        raise RuntimeError(f"dbt does not compile: {outcome.exception}")
    manifest = json.loads(manifest_path(settings).read_text(encoding="utf-8"))
    return list(_borrowed(manifest))


def save(models: list[Model], path: Path) -> None:
    """Write models down for the process that is measured, which must not import dbt."""
    path.write_text(json.dumps([asdict(model) for model in models], indent=2), encoding="utf-8")


def load(path: Path) -> list[Model]:
    """Models as `save` wrote them."""
    return [Model(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def _borrowed(manifest: dict[str, Any]) -> Iterator[Model]:
    """Models of the marts and whatever they are made of, dependencies first.

    Facts that no mart is made of are left out: the benchmark's retailer delivers none of them.
    """
    nodes = {
        key: node
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["name"] not in HAND_WRITTEN
    }
    done: set[str] = set()

    def visit(key: str) -> Iterator[Model]:
        if key in done or key not in nodes:
            return
        done.add(key)
        for upstream in nodes[key]["depends_on"]["nodes"]:
            yield from visit(upstream)
        yield _model(nodes[key])

    for key, node in sorted(nodes.items()):
        if node["schema"] == "marts":
            yield from visit(key)


def _model(node: dict[str, Any]) -> Model:
    hooks = " ".join(hook["sql"] for hook in node["config"].get("pre-hook", []))
    deleted = _DELETE.search(hooks)
    return Model(
        relation=f"{node['database']}.{node['schema']}.{node['name']}",
        is_view=node["config"]["materialized"] == "view",
        is_python=node["language"] == "python",
        query=node["compiled_code"],
        replaces=deleted["column"] if deleted else None,
    )
