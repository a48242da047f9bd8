"""Models as DuckDB runs them, rendered without dbt: to parse the project takes twelve seconds."""

import re
from collections.abc import Callable, Iterable, Mapping
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
MACRO = re.compile(r"{%-?\s*macro\s+(?P<name>\w+)\(.*?{%-?\s*endmacro\s*-?%}", re.DOTALL)
PLACES = {
    "stg": "raw.staging",
    "int": "raw.intermediate",
    "dim": "warehouse.core",
    "fct": "warehouse.core",
    "customer": "warehouse.marts",
    "btyd": "warehouse.marts",
    "clv": "warehouse.marts",
    "cohort": "warehouse.marts",
    "gain": "warehouse.marts",
    "household": "warehouse.marts",
    "lifecycle_transition": "warehouse.marts",
    "retention": "warehouse.marts",
    "revenue": "warehouse.marts",
    "satisfaction": "warehouse.marts",
    "store": "warehouse.marts",
    "weekday": "warehouse.marts",
    "promo": "warehouse.marts",
    "inventory": "warehouse.marts",
    "comparable_store_day": "warehouse.marts",
    "missing": "warehouse.meta",
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
    place = PLACES.get(model) or PLACES.get(model.split("_")[0], "raw.seeds")
    return f"{place}.{model}"


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
        pre_hook: What runs before it.
        post_hook: What runs after it.
        strategy: How its rows, which stand in the table `told`, come into an incremental one; empty
            when they are just added.
    """

    sql: str
    pre_hook: str
    post_hook: str
    strategy: str


class _ReturnedError(Exception):
    """What a macro returns, which may be a list, where Jinja knows texts alone."""


def _return(value: Any) -> None:
    raise _ReturnedError(value)


def _callable(macro: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        try:
            return macro(*arguments, **options)
        except _ReturnedError as returned:
            return returned.args[0]

    return call


@cache
def _environment() -> Environment:
    """All macros, each a template of its own, so that each finds the others as dbt has them."""
    environment = Environment(extensions=["jinja2.ext.do"])  # noqa: S701 - SQL, no HTML
    environment.globals.update(
        {
            "ref": place_of,
            "source": source,
            "var": VARIABLES.__getitem__,
            "target": Target,
            "adapter": Adapter,
            "api": Api,
            "execute": True,
            "return": _return,
            "dbt": {"type_string": lambda: "varchar"},
        }
    )
    for found in MACRO.finditer(MACROS):
        # Shared, so that it sees what stands there later.
        module = environment.from_string(found[0]).make_module(environment.globals, shared=True)
        environment.globals[found["name"]] = _callable(getattr(module, found["name"]))
    return environment


@cache
def render(model: str, *, is_incremental: bool = False) -> Rendered:
    """The SQL of a model."""
    config: dict[str, Any] = {"pre_hook": "", "post_hook": "", "incremental_strategy": "append"}

    def configure(**options: Any) -> str:
        config.update(options)
        return ""

    environment = _environment()
    environment.globals.update(
        {
            "config": configure,
            "this": place_of(model),
            "is_incremental": lambda: is_incremental,
        }
    )

    def rendered(text: str) -> str:
        return environment.from_string(text).render()

    def hooks(when: str) -> str:
        given = config[when] if isinstance(config[when], list) else [config[when]]
        texts = [rendered(hook["sql"] if isinstance(hook, dict) else hook) for hook in given]
        return ";\n".join(text for text in texts if text.strip())

    (path,) = (PROJECT / "models").rglob(f"{model}.sql")
    sql = rendered(path.read_text(encoding="utf-8"))
    macro = f"get_incremental_{config['incremental_strategy']}_sql"
    arguments = "{'target_relation': this, 'temp_relation': 'told'}"
    return Rendered(
        sql,
        hooks("pre_hook"),
        hooks("post_hook"),
        rendered(f"{{{{ {macro}({arguments}) }}}}") if macro in environment.globals else "",
    )


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
            self.rebuild(model)

    def rebuild(self, model: str) -> None:
        """Build one of them whole."""
        rendered = render(model)
        self.connection.execute(rendered.pre_hook)
        self.connection.execute(f"create or replace table {place_of(model)} as {rendered.sql}")
        self.connection.execute(rendered.post_hook)

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
        self.connection.execute(f"create or replace temp table told as {rendered.sql}")
        self.connection.execute(
            rendered.strategy or f"insert into {place_of(model)} by name from told"
        )
        self.connection.execute(rendered.post_hook)
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
