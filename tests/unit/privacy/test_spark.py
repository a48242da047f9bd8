"""Rights of persons where dbt builds on Spark, or where tables of Spark stand in the house."""

import shutil

import duckdb
import pytest
from small_house import run, state

from pipelines.privacy.erase import ErasureUnfinished
from pipelines.privacy.export import export_person
from pipelines.privacy.retention import retain
from pipelines.settings import PROJECT_ROOT
from pipelines.warehouse.target import TargetIsSpark

RECORD = "'crm' as source_system, "


def test_a_house_on_spark_erases_cuts_and_exports_nothing(loaded, tmp_path):
    """It would leave or leave out what stands in tables that no command reaches."""
    before = state(loaded)
    profile = (PROJECT_ROOT / "dbt_project" / "profiles.yml").read_text(encoding="utf-8")
    (tmp_path / "project" / "dbt_project").mkdir(parents=True)
    (tmp_path / "project" / "dbt_project" / "profiles.yml").write_text(
        profile.replace("  target: duckdb\n", "  target: spark\n"), encoding="utf-8"
    )
    house = loaded.model_copy(update={"project": tmp_path / "project"})
    for act in (
        lambda: run(house),
        lambda: retain(house, rebuild=lambda: None),
        lambda: export_person(house, "P1", tmp_path / "out", accessed_by="office"),
    ):
        with pytest.raises(TargetIsSpark, match="set the target to duckdb"):
            act()
    assert state(house) == before
    assert not (tmp_path / "out").exists()
    assert not list(house.work.rglob("*.json")), "no plan waits"


TABLES = [
    ("warehouse/core.db/dim_customer", "'P1' as customer_id", "customer_id in 1 row"),
    ("warehouse/core.db/dim_customer", "'P2' as customer_id", None),
    ("warehouse/core.db/fct_sales/business_date=1", "'C1' as customer_ref", "customer_ref"),
    ("raw/feeds/crm_customer", f"{RECORD}'C1' as source_customer_id", "a record"),
    ("raw/feeds/crm_customer", f"{RECORD}'C2' as source_customer_id", None),
]
"""A directory of a table, a row of a file in it, and what is found there of the person."""


def test_tables_of_spark_in_the_house_are_searched(loaded):
    for number, (table, content, _) in enumerate(TABLES):
        directory = loaded.home / "spark" / table
        directory.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            connection.execute(f"copy (select {content}) to '{directory}/part-{number}.parquet'")
    with pytest.raises(ErasureUnfinished) as unfinished:
        run(loaded)
    told = str(unfinished.value)
    for number, (table, _, trace) in enumerate(TABLES):
        file = f"spark/{table}/part-{number}.parquet: "
        assert (f"{file}{trace}" in told) if trace else (file not in told)
    shutil.rmtree(loaded.home / "spark")
    run(loaded)
