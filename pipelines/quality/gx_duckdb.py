"""What Great Expectations needs to run inside DuckDB: a dialect that buffers, a lean expectation.

Great Expectations 1.24 rolls its connection back before it fetches, and DuckDB drops a pending
result on rollback: with any stock dialect every metric is ``IndexError: list index out of range``.
The dialect here reads each result to the end as soon as the statement ran.

DuckDB's ``~`` is a FULL match where PostgreSQL's is a search, so a pattern in a suite describes the
whole value; write ``.*x.*`` to search.
"""

from __future__ import annotations

import logging
import types
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy
from duckdb_sqlalchemy import Dialect
from sqlalchemy.dialects import registry
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

with warnings.catch_warnings():
    # GX imports pyspark where it is installed, which then warns about the version of pandas.
    warnings.simplefilter("ignore")
    from great_expectations.compatibility import pydantic
    from great_expectations.expectations.core import UnexpectedRowsExpectation

if TYPE_CHECKING:
    from great_expectations.data_context import AbstractDataContext
    from great_expectations.datasource.fluent import SQLDatasource


class _BufferingExecutionContext(Dialect.execution_ctx_cls):
    """Fetches every row right after execution, so that the result outlives the transaction."""

    def post_exec(self) -> None:
        super().post_exec()
        if self.cursor.description:
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                self.cursor, initial_buffer=self.cursor.fetchall()
            )


class BufferedDuckDBDialect(Dialect):
    """The DuckDB dialect with results that survive the close of their connection."""

    supports_statement_cache = True
    execution_ctx_cls = _BufferingExecutionContext


registry.register("duckdb.gx", __name__, "BufferedDuckDBDialect")


_BATCH_MARK = "/* all rows of the batch */"


def batch_query(relation: str) -> str:
    """Return the query of an asset over a relation.

    To learn the columns GX runs the bare query of an asset and reads no row of it. On 20 million
    rows that took 8 GB. The mark lets ``_ask_for_columns_only`` know that statement, which no
    metric ends with: metrics hold it as a subquery.
    """
    return f"select * from {relation} {_BATCH_MARK}"


def _ask_for_columns_only(
    connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> tuple[str, Any]:
    if statement.rstrip().endswith(_BATCH_MARK):
        statement = f"{statement} limit 0"
    return statement, parameters


class UnexpectedRowCountExpectation(UnexpectedRowsExpectation):
    """``unexpected_rows_expectation`` that counts the rows and never fetches them.

    The original runs the query twice, once to count and once to fetch. Fetching would buffer every
    failing row (1.7 million in one trial) and would carry values of non-key columns, personal ones
    among them, into results and Data Docs. The gate fetches a few sample keys by itself.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    @pydantic.validator("unexpected_rows_query", allow_reuse=True)
    def _validate_query(cls, query: Any) -> Any:  # noqa: N805 - pydantic's validators are class methods
        """Replace the original, which prints a hint: the gate has put in the batch already."""
        return query

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        row_count = metrics["unexpected_rows_query.row_count"]
        return {"success": row_count == 0, "result": {"observed_value": row_count}}


def new_context() -> AbstractDataContext:
    """Return an empty context in memory, without a Data Docs site, progress bars or files."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    for site in context.get_site_names():
        context.delete_data_docs_site(site)
    # GX writes the whole configuration as YAML after each asset that is added, here into memory.
    context._save_project_config = lambda: None
    return context


@contextmanager
def quiet_logging() -> Iterator[None]:
    """Keep GX from logging a traceback, with values in it, for each rule that raises."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def add_duckdb_source(
    context: AbstractDataContext, *, name: str, database: Path, settings: Mapping[str, str]
) -> SQLDatasource:
    """Add a read-only DuckDB file to a context as a data source.

    Args:
        context: The context that receives the source.
        name: Name of the source.
        database: An existing DuckDB file. No connection stays open after a query.
        settings: DuckDB settings of each connection, such as ``{"memory_limit": "1GB"}``.
    """
    source = context.data_sources.add_sql(
        name,
        connection_string=f"duckdb+gx:///{database}",
        create_temp_table=False,
        kwargs={
            "connect_args": {"read_only": True, "config": dict(settings)},
            # A pooled connection would bar this process from writing the file afterwards.
            "poolclass": sqlalchemy.pool.NullPool,
        },
    )
    engine: Any = source.get_execution_engine()
    # Without a dialect module GX refuses regular expressions and types ("not supported").
    engine.dialect_module = types.SimpleNamespace(
        **{**vars(sqlalchemy.types), "dialect": type(engine.engine.dialect)}
    )
    sqlalchemy.event.listen(
        engine.engine, "before_cursor_execute", _ask_for_columns_only, retval=True
    )
    return source
