import json
from pathlib import Path

import duckdb
import pytest
import yaml
from click.testing import CliRunner

from benchmarks.compare import differences
from benchmarks.floor import main
from benchmarks.generate import generate
from benchmarks.models import Model, save
from pipelines.settings import PROJECT_ROOT

pytestmark = pytest.mark.slow


COUNTED = Model(
    relation="warehouse.marts.counted",
    is_view=False,
    is_python=True,
    query="""
class dbtObj:
    def __init__(self, load):
        self.ref = lambda name: load(f"core.{name}")

def model(dbt, session):
    return dbt.ref("fct_sales").aggregate("count(*) as line_count").df()
""",
    replaces=None,
)
"""A model in Python as dbt compiles one: with the object that it asks for tables."""


def _run(step: str, delivery: Path, home: Path) -> dict[str, float]:
    save([COUNTED], home / "models.json")
    arguments = ["--delivery", delivery, "--home", home, "--models", home / "models.json"]
    outcome = CliRunner().invoke(main, [step, *map(str, arguments), "--days", "3"])
    assert outcome.exit_code == 0, outcome.exception
    return json.loads(outcome.output)


def test_a_floor_holds_every_line_that_counts_and_says_what_each_step_took(
    tmp_path: Path,
) -> None:
    delivery = generate(tmp_path / "delivery", lines=3_000, days=3)
    home = tmp_path / "floor"
    home.mkdir()
    seconds = _run("full", tmp_path / "delivery", home)
    assert {"load sales", "fct_sales", "checkpoint"} <= set(seconds)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*), sum(net_amount) from core.fct_sales").fetchall()
        (counted,) = connection.execute("select count(*) from core.fct_sales").fetchone()
        assert connection.execute("from marts.counted").fetchall() == [(counted,)]
        held = {row[0] for row in connection.execute("describe core.fct_sales").fetchall()}
    (expected,) = duckdb.execute(
        f"select count(*) from read_csv('{delivery.landing}/sales/*.csv') where not void"
    ).fetchone()
    assert counted == expected
    # The marts that the floor borrows ask for these columns.
    model = yaml.safe_load((PROJECT_ROOT / "dbt_project/models/core/fct_sales.yml").read_text())
    assert held == {column["name"] for column in model["models"][0]["columns"]}


def test_comparing_finds_a_table_whose_rows_differ(tmp_path: Path) -> None:
    for name, amount in (("left", 1), ("right", 2)):
        with duckdb.connect(str(tmp_path / f"{name}.duckdb")) as connection:
            connection.execute("create schema core")
            connection.execute("create table core.equal as select 1.5::double as rate")
            connection.execute(f"create table core.unequal as select {amount} as net_amount")
            connection.execute(f"create table core.only_{name} as select 1 as one")
    found = differences(tmp_path / "left.duckdb", tmp_path / "right.duckdb")
    assert found == ["core.unequal"]
