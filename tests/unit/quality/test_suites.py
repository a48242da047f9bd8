"""A suite with a typo is refused by file and key, before anything runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import frames
import pytest

from pipelines.quality.lint import lint_suites
from pipelines.quality.suites import SuiteError, load_suite, load_suites

WriteSuite = Callable[..., Path]

_GOOD = """
table: core.fct_sales
key_columns: [receipt_id]
expectations:
  - {type: expect_column_values_to_not_be_null, kwargs: {column: receipt_id}}
"""


def test_a_suite_is_read_with_its_layer_from_the_folder(write_suite: WriteSuite) -> None:
    suite = load_suite(write_suite(_GOOD))
    assert suite.full_name == "core.fct_sales"
    assert suite.database == "warehouse"
    assert suite.expectations[0].severity == "critical"
    assert suite.expectations[0].rule == "expect_column_values_to_not_be_null(receipt_id)"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("key_columns:", "key_colums:", "unknown key 'key_colums'"),
        ("kwargs:", "kwarg:", "unknown key 'kwarg'"),
        ("expectations:", "expectations: []\nwindow:", "window"),
        ("kwargs:", "severity: fatal, kwargs:", "severity: 'fatal' is none of"),
        ("kwargs:", "severity: warning, kwargs:", "meta.reason"),
        ("core.fct_sales", "marts.rfm", "table: 'marts.rfm' is not a table of this layer"),
        ("core.fct_sales", "fct_sales", "is not a table of this layer"),
        ("key_columns: [receipt_id]", "window: loaded", "only suites of the raw layer"),
        ("key_columns: [receipt_id]", "key_columns: receipt_id", "must be a list"),
        ("column: receipt_id", "column: a, row_condition: b", "kwargs.row_condition"),
        ("expect_column_values_to_not_be_null", "unexpected_rows_expectation", "must be a query"),
        ("key_columns: [receipt_id]", "table: core.fct_basket", "key 'table' stands twice"),
        ("kwargs:", "personal_data: maybe, kwargs:", "personal_data: must be true or false"),
        ("{type:", "{references: {store_key: core.dim_store}, type:", "unknown key"),
        (_GOOD.splitlines()[-1], "  - references: []", "must be a mapping of columns"),
        (_GOOD.splitlines()[-1], "  - references: {a: dim_store}", "neither schema.table"),
        (_GOOD.splitlines()[-1], "  - references: {a: core.dim_store; x}", "neither schema.table"),
    ],
)
def test_a_typo_is_refused_by_file_and_key(
    write_suite: WriteSuite, old: str, new: str, message: str
) -> None:
    path = write_suite(_GOOD.replace(old, new, 1))
    with pytest.raises(SuiteError) as refusal:
        load_suite(path)
    assert message in str(refusal.value)
    assert str(refusal.value).startswith("core/fct_sales.yml")


def test_the_same_rule_twice_is_refused(write_suite: WriteSuite) -> None:
    with pytest.raises(SuiteError, match="stands twice"):
        load_suite(write_suite(_GOOD + _GOOD.splitlines()[-1] + "\n"))


def test_a_folder_without_suites_is_refused_because_an_empty_gate_passes(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="no suite found"):
        load_suites(tmp_path)


def test_lint_names_unknown_types_arguments_columns_tables_and_queries(
    write_suite: WriteSuite, good_databases: dict[str, Path]
) -> None:
    write_suite(
        """
table: core.fct_sales
key_columns: [receipt_id, line]
expectations:
  - {type: expect_column_values_to_be_nice, kwargs: {column: receipt_id}}
  - {type: expect_column_values_to_not_be_null, kwargs: {column: recept_id}}
  - {type: expect_column_values_to_not_be_null, kwargs: {column: receipt_id, colour: red}}
  - type: unexpected_rows_expectation
    description: a query with a typo
    kwargs: {unexpected_rows_query: "select * from {batch} where net_amout < 0"}
"""
    )
    write_suite("table: core.fct_gone\nexpectations: [{type: expect_x}]", name="fct_gone")
    suites = load_suites(write_suite(_GOOD, name="fct_basket").parents[1])
    problems = "\n".join(lint_suites(suites, databases=good_databases))
    for expected in (
        "core.fct_sales: key_columns: core.fct_sales has no column 'line'",
        "expectations[0]: expect_column_values_to_be_nice",
        "expectations[1]: core.fct_sales has no column 'recept_id'",
        "expectations[2]: expect_column_values_to_not_be_null",
        "expectations[3]: unexpected_rows_query:",
        "core.fct_gone: table: core.fct_gone does not exist in warehouse.duckdb",
        "core.dim_store: no suite in expectations/ guards this table",
    ):
        assert expected in problems


def test_lint_refuses_personal_columns_as_keys_of_samples(
    write_suite: WriteSuite, good_databases: dict[str, Path]
) -> None:
    suite = load_suite(write_suite(_GOOD))
    problems = lint_suites(
        [suite],
        databases=good_databases,
        models=[],
        personal_columns={"core.fct_sales": frozenset({"receipt_id"})},
    )
    assert problems == ["core.fct_sales: key_columns: 'receipt_id' is personal data"]


def test_importing_suites_and_verdict_does_not_import_great_expectations() -> None:
    """It costs 3.5 CPU seconds, and the command line reads suites and verdicts."""
    program = (
        "import sys, pipelines.quality.suites, pipelines.quality.verdict, pipelines.quality.gate,"
        " pipelines.quality.lint, pipelines.publishing.builds;"
        " sys.exit('great_expectations' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=frames.PROJECT, check=False)
    assert result.returncode == 0
