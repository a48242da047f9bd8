"""Resolves the records of a raw.duckdb as a house does whose dbt target is Spark.

Run with the directory of the house's home and that of its project.
"""

import sys
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.identity.resolve import resolve_identities
from pipelines.settings import Settings
from pipelines.warehouse.target import spark_session_parameters

if __name__ == "__main__":
    house = Settings(home=Path(sys.argv[1]), project=Path(sys.argv[2]))
    spark = spark_session_parameters(house)
    assert spark, "the target of this house is not Spark"
    with duckdb.connect(str(house.raw_database)) as connection:
        resolve_identities(
            connection,
            seeds=house.dbt_project / "seeds",
            now=datetime(2024, 1, 1),
            spark=spark,
        )
    assert "pyspark.sql" in sys.modules, "Spark scored nothing"
