"""Models as DuckDB runs them, rendered without dbt: to parse the project takes twelve seconds."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from pipelines.settings import PROJECT_ROOT
from pipelines.warehouse.dimensions import DIMENSIONS, VERSIONED_FACTS

PROJECT = PROJECT_ROOT / "dbt_project"
MACROS = "".join(
    path.read_text(encoding="utf-8") for path in sorted((PROJECT / "macros").glob("*.sql"))
)
PLACES = {
    "stg": "raw.staging",
    "int": "raw.intermediate",
    "dim": "warehouse.core",
    "fct": "warehouse.core",
    "customer": "warehouse.marts",
    "gain": "warehouse.marts",
    "revenue": "warehouse.marts",
    "store": "warehouse.marts",
    "weekday": "warehouse.marts",
    "inventory": "warehouse.marts",
}


class Target:
    """What models ask of dbt's target."""

    type = "duckdb"


class Adapter:
    """Finds DuckDB's form of a macro."""

    @staticmethod
    @pass_context
    def dispatch(context: Context, name: str, _package: str) -> Any:
        return context[f"duckdb__{name}"]


def place_of(model: str) -> str:
    """The table or view of a model or seed."""
    return f"{PLACES.get(model.split('_')[0], 'raw.seeds')}.{model}"


def source(schema: str, table: str) -> str:
    """A table of raw.duckdb, whose schema of feeds dbt calls raw."""
    return f"raw.{'feeds' if schema == 'raw' else schema}.{table}"


class Relation:
    """A table that is not named by ref."""

    @staticmethod
    def create(*, identifier: str, **_where: Any) -> str:
        return place_of(identifier)


class Api:
    """What macros call dbt's api for."""

    Relation = Relation


def create_other_dimensions(connection: duckdb.DuckDBPyConnection, *replaced: str) -> None:
    """Create the dimensions and facts that a night compares, empty, but for those under test."""
    for dimension in DIMENSIONS:
        if dimension.entity in replaced:
            continue
        versions = f"{dimension.entity}_id text, valid_from_date date, valid_to_date date"
        connection.execute(
            f"create table raw.intermediate.{dimension.versions} ({versions}); "
            f"create table warehouse.core.dim_{dimension.entity} ({versions}, "
            f"{dimension.entity}_key bigint, is_inferred boolean, field_sources text)"
        )
    for fact, (first, last, entities) in VERSIONED_FACTS.items():
        ids = ", ".join(f"{entity}_id text" for entity in entities)
        dates = ", ".join(f"{column} date" for column in dict.fromkeys((first, last)))
        connection.execute(
            f"create table warehouse.core.{fact} ({ids}, {dates}, customer_ref text)"
        )


@dataclass(frozen=True)
class Rendered:
    """A model, full or incremental.

    Attributes:
        sql: Its query.
        pre_hook: What runs before an incremental one.
    """

    sql: str
    pre_hook: str


@cache
def render(model: str, *, is_incremental: bool = False) -> Rendered:
    """The SQL of a model."""
    config: dict[str, Any] = {"pre_hook": ""}

    def configure(**options: Any) -> str:
        config.update(options)
        return ""

    environment = Environment(extensions=["jinja2.ext.do"])  # noqa: S701 - SQL, no HTML
    environment.globals.update(
        {
            "config": configure,
            "ref": place_of,
            "source": source,
            "this": place_of(model),
            "target": Target,
            "adapter": Adapter,
            "api": Api,
            "execute": True,
            "is_incremental": lambda: is_incremental,
            "load_relation": lambda _relation: is_incremental,
            # A macro returns text here, and only an empty one is false.
            "return": lambda value: value or "",
            "dbt": {"type_string": lambda: "varchar"},
        }
    )
    (path,) = (PROJECT / "models").rglob(f"{model}.sql")
    sql = environment.from_string(MACROS + path.read_text(encoding="utf-8")).render()
    hook = config["pre_hook"]
    text = hook["sql"] if isinstance(hook, dict) else hook
    return Rendered(sql, environment.from_string(MACROS + text).render())
