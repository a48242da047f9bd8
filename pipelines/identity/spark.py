"""splink on Spark. Imported only where pairs are scored there, since pyspark is no requirement."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pyarrow as pa
import sqlglot
from pyspark.sql import SparkSession
from pyspark.sql.functions import arrow_udf
from splink import SparkAPI

LIKENESSES = ("jaro_winkler_similarity", "damerau_levenshtein")
"""What the settings compare texts by. Spark's and splink's own count odd transpositions in another
way: of 9,010 pairs of names that are alike, 83 would have another level of likeness than on DuckDB.
"""


class PlainSparkAPI(SparkAPI):
    """splink's interface to Spark, with its SQL put into sqlglot's dialect of Spark.

    splink has a dialect of its own for that, which the compiled sqlglot that dagster-dbt asks for
    does not let it define ("interpreted classes cannot inherit from compiled").
    """

    def _setup_for_execute_sql(self, sql: str, physical_name: str) -> str:
        for name in LIKENESSES:
            sql = sql.replace(f"{name}(", f"duckdb_{name}(")
        return sqlglot.transpile(sql, read="spark", write="spark")[0]


@contextmanager
def spark_engine(parameters: Mapping[str, str]) -> Iterator[SparkAPI]:
    """A session of its own: dbt starts another one, with its metastore, when this one is over.

    Args:
        parameters: Configuration of the session, as that of dbt.
    """
    builder = SparkSession.builder.appName("tillhouse identity")
    for name, value in {**parameters, "spark.sql.catalogImplementation": "in-memory"}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        for name in LIKENESSES:
            session.udf.register(f"duckdb_{name}", arrow_udf(_as_duckdb_has_it(name), "double"))
        # Nothing iterates here, so there is no lineage that would need a disk all nodes share.
        yield PlainSparkAPI(
            spark_session=session, break_lineage_method="persist", register_udfs_automatically=False
        )
    finally:
        session.stop()


def _as_duckdb_has_it(function: str) -> Callable[[pa.Array, pa.Array], pa.Array]:
    """A function of DuckDB over two columns of text. Spark's workers need duckdb for it alone."""

    def apply(left: pa.Array, right: pa.Array) -> pa.Array:
        import duckdb

        with duckdb.connect(config={"threads": 1}) as connection:
            connection.register("pair", pa.table({"l": left, "r": right}))
            query = f"select cast({function}(l, r) as double) from pair"
            return connection.execute(query).to_arrow_table().column(0).combine_chunks()

    return apply
