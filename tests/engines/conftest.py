"""One slice of data built by both engines, twice: whole, and again after one night's changes."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import retail_slice
from nights import REPLACED_TABLES, TABLES, Night, run_night
from spark_home import SparkHome

from pipelines.feeds.raw_tables import create_tables
from pipelines.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import ParsedModels


@pytest.fixture(scope="session")
def homes(
    tmp_path_factory: pytest.TempPathFactory, simulated_home: Path, parsed_models: "ParsedModels"
) -> Iterator[tuple[Settings, SparkHome]]:
    """A house with the first delivery in it, and an empty home for Spark beside it."""
    directory = tmp_path_factory.mktemp("engines")
    house = Settings(home=directory / "home", settle_seconds=0)
    house.make_directories()
    retail_slice.write_mappings(house.mappings)
    retail_slice.write_slice(house.landing)
    retail_slice.add_simulated_retailer(house, simulated_home, directory / "simulated")
    with duckdb.connect(str(house.raw_database)) as connection:
        create_tables(connection)
        retail_slice.write_rolled_week(connection)
        retail_slice.write_requests(connection)
    parsed_models.hand_to(house)
    spark = SparkHome(directory / "spark_home")
    spark.prepare()
    yield house, spark
    spark.stop()


@pytest.fixture(scope="session")
def first_night(homes: tuple[Settings, SparkHome]) -> Night:
    """Everything built anew; on DuckDB with the tests that reconcile tables."""
    house, spark = homes
    selection = ["--exclude", "resource_type:unit_test", "test_type:generic"]
    return run_night(house, spark, selection=selection, tables=TABLES)


@pytest.fixture(scope="session")
def second_night(homes: tuple[Settings, SparkHome], first_night: Night) -> Night:
    """Only what one night's changes touch, replaced in the tables that can be replaced in part."""
    house, spark = homes
    retail_slice.write_changes_of_one_night(house.landing)
    # Spark keeps the versions as a table: not built, they would be those of the first night.
    versions = ["int_product__versioned", "dim_product"]
    made_by_one_engine = ["int_affinity_member__grouped", "int_item_week__followed"]
    selection = ["--select", "config.materialized:incremental", *versions, *made_by_one_engine]
    # customer_value, which Spark makes whole, would ask for the months of a mart that is not built.
    selection += ["--exclude", "resource_type:test", "resource_type:unit_test", "customer_value"]
    return run_night(house, spark, selection=selection, tables=REPLACED_TABLES)
