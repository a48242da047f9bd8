"""Models as DuckDB runs them, rendered without dbt: to parse the project takes twelve seconds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import duckdb
import yaml
from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from pipelines.settings import PROJECT_ROOT
from pipelines.warehouse.dimensions import DIMENSIONS, VERSIONED_FACTS

PROJECT = PROJECT_ROOT / "dbt_project"
MACROS = "".join(
    path.read_text(encoding="utf-8") for path in sorted((PROJECT / "macros").glob("*.sql"))
)
VARIABLES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
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
    "promo": "warehouse.marts",
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
            "var": VARIABLES.__getitem__,
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


@dataclass(frozen=True)
class Replaced:
    """Models that a night replaces in part, held against those that a full build would make.

    Attributes:
        connection: With raw and warehouse attached, and what the models read in them.
        keys: What a night replaces at a time, as SQL, by model in the order of their building.
    """

    connection: duckdb.DuckDBPyConnection
    keys: Mapping[str, str]

    def build(self) -> None:
        """Build all of them, as the first night does."""
        for model in self.keys:
            self.connection.execute(f"create table {place_of(model)} as {render(model).sql}")

    def change(self, dates: Iterable[date]) -> None:
        """Say which business dates changed since."""
        self.connection.execute("delete from raw.ledger.changed_business_date")
        self.connection.execute(
            "insert into raw.ledger.changed_business_date select unnest($1::date[]), true",
            [sorted(dates)],
        )

    def replace(self, model: str) -> set[Any]:
        """Run a night on a model, and return the keys of the rows that went or are new."""
        rendered = render(model, is_incremental=True)
        then = self.standing(model)
        self.connection.execute(rendered.pre_hook)
        kept = self.standing(model)
        self.connection.execute(f"insert into {place_of(model)} by name {rendered.sql}")
        return (then - kept) | (self.standing(model) - then)

    def differences(self) -> list[tuple]:
        """Rows by which a model differs from that of a full build."""
        found = []
        for model in self.keys:
            place = place_of(model)
            self.connection.execute(f"create or replace temp table whole as {render(model).sql}")
            found += self.connection.execute(
                f"select '{model}', 'missing', * from (from whole except all from {place}) "
                "union all "
                f"select '{model}', 'stale', * from (from {place} except all from whole)"
            ).fetchall()
        return found

    def standing(self, model: str) -> set[Any]:
        """The keys of which a model has rows."""
        rows = self.connection.execute(
            f"select distinct {self.keys[model]} from {place_of(model)}"
        ).fetchall()
        return {key for (key,) in rows}
