"""Evaluates suites inside DuckDB and writes Data Docs: one checkpoint for all of them.

Values of rows never enter a result of Great Expectations. It is asked for counts alone, and each
result is cut down to a list of known fields before Data Docs are written; what names a failing row
are the key columns of its suite.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.quality import samples
from pipelines.quality.report import (
    ERROR,
    FAILED,
    PASSED,
    ExpectationResult,
    GateReport,
    SuiteResult,
)
from pipelines.quality.suites import UNEXPECTED_ROWS, Expectation, Suite
from pipelines.redaction import without_values
from pipelines.sql import literal

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult

_SITE = "data_docs"
_POSITION = "tillhouse_position"
# A limit of 0 sample values keeps values out, and costs nothing: DuckDB answers LIMIT 0 unread.
_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
_KEPT_FIELDS = (
    "element_count",
    "missing_count",
    "missing_percent",
    "unexpected_count",
    "unexpected_percent",
    "unexpected_percent_total",
    "unexpected_percent_nonmissing",
)
_NO_COLUMNS: Mapping[str, frozenset[str]] = {}
_NO_SETTINGS: Mapping[str, str] = {}


def run_gate(
    databases: Mapping[str, Path],
    suites: Sequence[Suite],
    data_docs_directory: Path,
    *,
    personal_columns: Mapping[str, frozenset[str]] = _NO_COLUMNS,
    settings: Mapping[str, str] = _NO_SETTINGS,
) -> GateReport:
    """Evaluate suites and write Data Docs about them.

    Args:
        databases: DuckDB file by name, ``raw`` and ``warehouse``. Opened read-only; closed after.
        suites: What to evaluate, at least one.
        data_docs_directory: Replaced as a whole by the docs of this run, so that it never grows.
        personal_columns: Columns with personal data by table: neither their measured values nor,
            as part of a key, their sample values are reported.
        settings: DuckDB settings for the evaluation, such as ``{"memory_limit": "1GB"}``.

    Returns:
        The report, also when rules fail or cannot be evaluated: call ``raise_for_status`` on it.
    """
    evaluation = _Evaluation(databases, suites, personal_columns, settings)
    with evaluation:
        evaluation.run()
    index = evaluation.write_data_docs(data_docs_directory)
    return GateReport(suites=evaluation.suite_results(), data_docs_index=index)


class _Evaluation:
    """One run of the gate: prepares, runs one checkpoint, cuts results down, samples keys."""

    def __init__(
        self,
        databases: Mapping[str, Path],
        suites: Sequence[Suite],
        personal_columns: Mapping[str, frozenset[str]],
        settings: Mapping[str, str],
    ) -> None:
        from pipelines.quality.gx_duckdb import new_context

        self._databases = databases
        self._suites = {suite.full_name: suite for suite in suites}
        self._personal_columns = personal_columns
        self._settings = settings
        self._context = new_context()
        self._sources: dict[str, Any] = {}
        self._open_files = ExitStack()
        self._results: dict[tuple[str, int], ExpectationResult] = {}

    def __enter__(self) -> _Evaluation:
        return self

    def __exit__(self, *exception: object) -> None:
        self._open_files.close()

    def run(self) -> None:
        """Evaluate everything that can be prepared; what cannot becomes an error result."""
        from pipelines.quality.gx_duckdb import quiet_logging  # isort: skip
        import great_expectations as gx

        definitions = []
        for suite in self._suites.values():
            try:
                if self._has_no_rows(suite):
                    continue
                definitions.append(self._prepare(suite))
            except Exception as error:  # any fault of a suite is a finding, never a crash
                self._mark_errors(suite, error)
        if not definitions:
            return
        checkpoint = self._context.checkpoints.add(
            gx.Checkpoint(
                name="quality_gate",
                validation_definitions=definitions,
                actions=[],
                result_format=_RESULT_FORMAT,
            )
        )
        try:
            with quiet_logging():
                outcome = checkpoint.run()
        except Exception as error:  # GX itself broke: no suite may count as passed
            for suite in self._suites.values():
                self._mark_errors(suite, error)
            return
        for identifier, validation in outcome.run_results.items():
            suite = self._suites[validation.suite_name]
            is_changed = [self._take(suite, result) for result in validation.results]
            if any(is_changed):
                # The stored copy is what Data Docs show: replace it by the one cut down.
                self._context.validation_results_store.set(identifier, validation)

    def suite_results(self) -> tuple[SuiteResult, ...]:
        """Return the results in the order of suites; a rule without a result is an error."""
        return tuple(
            SuiteResult(
                name=suite.name,
                layer=suite.layer,
                table=suite.table,
                results=tuple(
                    self._results.get((suite.full_name, position))
                    or _result(expectation, status=ERROR, error="it was not evaluated")
                    for position, expectation in enumerate(suite.expectations)
                ),
            )
            for suite in self._suites.values()
        )

    def write_data_docs(self, directory: Path) -> Path | None:
        """Write the docs of this run in the place of those of the last one."""
        building = directory.with_name(f".{directory.name}.partial")
        shutil.rmtree(building, ignore_errors=True)
        self._context.add_data_docs_site(
            _SITE,
            {
                "class_name": "SiteBuilder",
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
                "store_backend": {
                    "class_name": "TupleFilesystemStoreBackend",
                    "base_directory": str(building.resolve()),
                },
            },
        )
        self._context.build_data_docs(site_names=[_SITE])
        shutil.rmtree(directory, ignore_errors=True)
        building.rename(directory)
        return directory / "index.html"

    def _prepare(self, suite: Suite) -> Any:
        import great_expectations as gx

        from pipelines.quality.gx_duckdb import batch_query

        source = self._source(suite.database)
        asset = source.add_query_asset(suite.full_name, query=batch_query(suite.relation))
        expectations = []
        for position, expectation in enumerate(suite.expectations):
            try:
                expectations.append(domain_object(suite, expectation, meta={_POSITION: position}))
            except Exception as error:  # one broken rule must not hide the verdict of the others
                self._mark_error(suite, position, error)
        return self._context.validation_definitions.add(
            gx.ValidationDefinition(
                name=suite.full_name,
                data=asset.add_batch_definition_whole_table("all_rows"),
                suite=self._context.suites.add(
                    gx.ExpectationSuite(name=suite.full_name, expectations=expectations)
                ),
            )
        )

    def _source(self, name: str) -> Any:
        from pipelines.quality.gx_duckdb import add_duckdb_source

        if name not in self._sources:
            database = self._databases.get(name)
            if database is None or not database.is_file():
                raise FileNotFoundError(f"the {name} database is missing")
            source = add_duckdb_source(
                self._context, name=name, database=database, settings=self._settings
            )
            # One connection stays open for the whole run: else each of some hundred queries would
            # open the file anew, 20 to 40 ms each. It is closed at the end, with the instance.
            anchor = source.get_execution_engine().engine.connect()
            self._open_files.callback(anchor.close)
            if name == "warehouse" and any(suite.window for suite in self._suites.values()):
                # The ledger says which dates the build replaced.
                anchor.exec_driver_sql(
                    f"attach {literal(str(self._databases['raw']))} as raw (read_only)"
                )
            self._sources[name] = source
        return self._sources[name]

    def _has_no_rows(self, suite: Suite) -> bool:
        """Pass a suite that has nothing to judge: no new rows in its window, or an empty table.

        Its rules would all hold for no rows, at 20 to 30 CPU milliseconds each; most nights bring
        a few feeds of forty, and few retailers have them all.
        """
        if suite.window == "replaced" or (suite.window is None and not suite.may_be_empty):
            return False  # a replaced date without rows may be one that lost them
        engine = self._source(suite.database).get_execution_engine().engine
        with engine.connect() as connection:
            # The only text from outside is the suite's table, which load_suite has checked.
            query = f"select 1 from {suite.relation} as loaded_row limit 1"
            if connection.exec_driver_sql(query).fetchall():
                return False
        for position, expectation in enumerate(suite.expectations):
            self._results[suite.full_name, position] = _result(
                expectation, status=PASSED, unexpected_count=0
            )
        return True

    def _take(self, suite: Suite, result: ExpectationValidationResult) -> bool:
        """Keep the outcome of a rule, cut its result down, and return whether that changed it."""
        configuration = result.expectation_config
        if configuration is None:  # GX's type allows it; a rule without result counts as an error
            return False
        position = int((configuration.meta or {})[_POSITION])
        expectation = suite.expectations[position]
        hidden = self._personal_columns.get(suite.table, frozenset())
        is_personal = expectation.is_personal or bool(hidden.intersection(expectation.columns))

        raised = _exception_of(result)
        full_result = result.result
        result.result = _cut_down(result.result or {}, is_personal=is_personal)
        if raised is not None:
            message = _without_values(raised, is_personal=is_personal or bool(hidden))
            result.exception_info = {
                "raised_exception": True,
                "exception_message": message,
                "exception_traceback": "",
            }
            self._results[suite.full_name, position] = _result(
                expectation, status=ERROR, error=message
            )
            return True
        observed = result.result.get("observed_value")
        count = result.result.get("unexpected_count")
        if expectation.type == UNEXPECTED_ROWS:
            count = observed
        self._results[suite.full_name, position] = _result(
            expectation,
            status=PASSED if result.success else FAILED,
            unexpected_count=None if count is None else int(count),
            observed_value=None if observed is None else str(observed),
            sample_keys=() if result.success else self._sample(suite, expectation, hidden),
        )
        return bool(result.result != full_result)

    def _sample(
        self, suite: Suite, expectation: Expectation, hidden: frozenset[str]
    ) -> tuple[str, ...]:
        query = samples.sample_query(suite, expectation, hidden_columns=hidden)
        if query is None:
            return ()
        keys = samples.key_columns(suite, expectation, hidden_columns=hidden)
        engine = self._sources[suite.database].get_execution_engine().engine
        # The verdict stands without samples; a failing sample query must not replace it.
        with suppress(Exception), engine.connect() as connection:
            rows = connection.exec_driver_sql(query[0], tuple(query[1])).fetchall()
            return tuple(samples.describe_key(keys, row) for row in rows)
        return ()

    def _mark_errors(self, suite: Suite, error: Exception) -> None:
        for position in range(len(suite.expectations)):
            self._mark_error(suite, position, error)

    def _mark_error(self, suite: Suite, position: int, error: Exception) -> None:
        hidden = self._personal_columns.get(suite.table, frozenset())
        self._results[suite.full_name, position] = _result(
            suite.expectations[position],
            status=ERROR,
            error=_without_values(f"{type(error).__name__}: {error}", is_personal=bool(hidden)),
        )


def domain_object(
    suite: Suite, expectation: Expectation, *, meta: Mapping[str, Any] | None = None
) -> Any:
    """Return the rule as an object of Great Expectations.

    Raises:
        Exception: The type does not exist or refuses an argument. GX raises several kinds.
    """
    # Ours first: it silences what GX says while it is imported.
    from pipelines.quality.gx_duckdb import UnexpectedRowCountExpectation  # isort: skip
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity

    notes = {**expectation.meta, **(meta or {})}
    if expectation.type == UNEXPECTED_ROWS:
        unknown = set(expectation.kwargs) - {"unexpected_rows_query"}
        if unknown:
            raise ValueError(f"unknown argument {', '.join(sorted(unknown))}")
        return UnexpectedRowCountExpectation(
            unexpected_rows_query=_for_gx(suite.query_of(expectation)),
            description=expectation.description,
            severity=FailureSeverity(expectation.severity),
            meta=notes,
        )
    return ExpectationConfiguration(
        type=expectation.type,
        kwargs=dict(expectation.kwargs),
        severity=FailureSeverity(expectation.severity),
        description=expectation.description or None,
        meta=notes,
    ).to_domain_obj()


def _for_gx(query: str) -> str:
    """Escape what GX (braces) and SQLAlchemy's text (colons) would read as parameters."""
    escaped = re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", query)
    return escaped.replace("{", "{{").replace("}", "}}")


def _exception_of(result: ExpectationValidationResult) -> str | None:
    """Return the message of what a rule raised: GX nests it by metric, or does not."""
    info = result.exception_info or {}
    entries = [info, *(entry for entry in info.values() if isinstance(entry, Mapping))]
    for entry in entries:
        if entry.get("raised_exception"):
            return str(entry.get("exception_message") or "an exception without a message")
    return None


def _cut_down(result: Mapping[str, Any], *, is_personal: bool) -> dict[str, Any]:
    kept = {field: result[field] for field in _KEPT_FIELDS if field in result}
    if result.get("partial_unexpected_list") == []:
        kept["partial_unexpected_list"] = []
    observed = result.get("observed_value")
    # Lists and mappings are sets of values of the data, such as all distinct ones.
    if observed is not None and not is_personal and not isinstance(observed, (list, set, dict)):
        kept["observed_value"] = observed
    return kept


def _without_values(message: str, *, is_personal: bool) -> str:
    """Return the first paragraph of a message without SQL and without values.

    Beside personal data only the kind of error remains, up to the first colon after the class.
    """
    paragraph = message.strip().partition("[SQL:")[0].partition("\n\n")[0]
    if is_personal:
        return (
            " ".join(paragraph.split()).partition(":")[0]
            + " (details withheld: the table holds personal data)"
        )
    return " ".join(without_values(paragraph).split())[:300]


def _result(expectation: Expectation, *, status: str, **found: Any) -> ExpectationResult:
    return ExpectationResult(
        type=expectation.type,
        column=", ".join(expectation.columns) or None,
        description=expectation.rule,
        severity=expectation.severity,
        status=status,
        reason=str(expectation.meta.get("reason", "")),
        **found,
    )
