"""Which engine splink scores on: DuckDB, or Spark where dbt builds on Spark.

The candidate pairs, the settings and the ledger are the same on both.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from splink.internals.database_api import DatabaseAPI


@contextmanager
def scoring_engine(
    connection: duckdb.DuckDBPyConnection, spark: Mapping[str, str] | None
) -> "Iterator[DatabaseAPI[Any]]":
    """The one place that chooses splink's engine.

    Args:
        connection: Scores the pairs itself where there is no Spark.
        spark: Configuration of a Spark session that scores them, or None.
    """
    if spark is not None:
        from pipelines.identity.spark import spark_engine

        with spark_engine(spark) as engine:
            yield engine
        return
    from splink import DuckDBAPI

    api = DuckDBAPI(connection)
    yield api
    api.delete_tables_created_by_splink_from_db()
