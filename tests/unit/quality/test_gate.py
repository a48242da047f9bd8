"""The gate tells bad data from a broken gate, and never repeats a value of a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import frames
import pytest
import yaml

from pipelines.assets.gate import personal_columns
from pipelines.quality.gate import run_gate
from pipelines.quality.report import GateErrored, GateFailed, GateReport
from pipelines.quality.suites import Suite, load_suite

WriteSuite = Callable[..., Path]

CANARY = "canary.person"

_CUSTOMERS = """
table: core.dim_customer
key_columns: [customer_key, mail]
expectations:
  - {type: expect_column_values_to_match_regex, kwargs: {column: mail, regex: "[a-z]+"}}
  - {type: expect_column_values_to_be_unique, kwargs: {column: mail}}
  - {type: expect_column_values_to_be_in_set, kwargs: {column: mail, value_set: [x]}}
  - {type: expect_column_distinct_values_to_be_in_set, kwargs: {column: mail, value_set: [x]}}
  - {type: expect_column_max_to_be_between, kwargs: {column: mail, max_value: a}}
  - {type: expect_column_max_to_be_between, kwargs: {column: nickname, max_value: a},
     personal_data: true}
  - type: unexpected_rows_expectation
    description: a query that selects everything
    kwargs: {unexpected_rows_query: "select * from {batch} as person"}
  - type: unexpected_rows_expectation
    description: a query that raises
    kwargs: {unexpected_rows_query: "select * from {batch} where cast(mail as integer) > 0"}
"""

_SALES = """
table: core.fct_sales
key_columns: [receipt_id, line_number]
expectations:
  - {type: expect_column_values_to_be_between, kwargs: {column: quantity, min_value: 0}}
  - {type: expect_column_values_to_be_in_set, kwargs: {column: line_type, value_set: [sale]},
     severity: warning, meta: {reason: a test}}
  - {type: expect_column_values_to_not_be_null, kwargs: {column: product_key, mostly: 0.5}}
  - type: unexpected_rows_expectation
    description: no {4} braces, 12:30 or a::cast trouble
    kwargs:
      unexpected_rows_query: >-
        select * from {batch} as sale
        where regexp_matches(receipt_id, '^r{1}[0-9]:x$') and line_number::bigint = 1
  - references:
      product_key: core.dim_customer.customer_key
      quantity: core.dim_customer.customer_key
"""


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    path = tmp_path_factory.mktemp("data") / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core")
        connection.execute("create schema meta")
        connection.execute(
            "create table core.dim_customer as select number as customer_key,"
            f" '{CANARY}' || (number % 2) || '@example.org' as mail, '{CANARY}' as nickname"
            " from range(4) as range (number)"
        )
        connection.execute(
            "create table core.fct_sales as select 'r' || number || ':x' as receipt_id,"
            " 1 as line_number, number - 1 as quantity,"
            " case when number = 2 then 'gift' else 'sale' end as line_type,"
            " nullif(number, 1) as product_key from range(4) as range (number)"
        )
    return {"warehouse": path}


@pytest.fixture(scope="module")
def evaluated(
    tmp_path_factory: pytest.TempPathFactory, databases: dict[str, Path]
) -> tuple[GateReport, Path]:
    """One run over customers with secrets, sales with a fault, and the search for such columns."""
    directory = tmp_path_factory.mktemp("suites") / "core"
    directory.mkdir()
    suites: list[Suite] = []
    for name, text in (("dim_customer", _CUSTOMERS), ("fct_sales", _SALES)):
        path = directory / f"{name}.yml"
        path.write_text(text, encoding="utf-8")
        suites.append(load_suite(path))
    suites.append(load_suite(frames.EXPECTATIONS / "audit/personal_data.yml"))
    docs = tmp_path_factory.mktemp("docs") / "data_docs"
    docs.mkdir()
    (docs / "validation_of_last_year.html").touch()
    personal = {"core.dim_customer": frozenset({"mail"})}
    return run_gate(databases, suites, docs, personal_columns=personal), docs


def test_failed_rules_state_count_and_keys_of_rows(evaluated: tuple[GateReport, Path]) -> None:
    sales = evaluated[0].suites[1]
    assert [result.status for result in sales.results] == [
        "failed", "failed", "passed", "failed", "failed",
    ]  # fmt: skip
    assert [result.unexpected_count for result in sales.results] == [1, 1, 1, 4, 2]
    assert sales.results[0].sample_keys == ("receipt_id=r0:x, line_number=1",)
    assert len(sales.results[3].sample_keys) == 4
    # One refers to nothing there is, one is NULL.
    assert sales.results[4].sample_keys == (
        "receipt_id=r0:x, line_number=1",
        "receipt_id=r1:x, line_number=1",
    )
    assert sales.status == "failed"


def test_values_of_people_appear_neither_in_the_report_nor_in_data_docs(
    evaluated: tuple[GateReport, Path],
) -> None:
    report, docs = evaluated
    customers = report.suites[0]
    assert {result.status for result in customers.results} == {"failed", "error"}
    assert customers.results[0].unexpected_count == 4
    assert customers.results[0].sample_keys[0] == "customer_key=0"
    assert CANARY not in repr(report)
    pages = [path for path in docs.rglob("*") if path.is_file()]
    assert pages
    assert [path for path in pages if CANARY.encode() in path.read_bytes()] == []


def test_a_column_named_like_personal_data_fails_the_gate(
    evaluated: tuple[GateReport, Path],
) -> None:
    (result,) = evaluated[0].suites[2].results
    assert result.status == "failed"
    assert result.sample_keys == ("table_schema=core, table_name=dim_customer, column_name=mail",)


@pytest.mark.parametrize(
    ("column", "is_personal"),
    [
        ("first_name", True),
        ("customer_name", True),
        ("contact_email", True),
        ("mobile", True),
        ("birth_date", True),
        ("city", True),
        ("card_token", True),
        ("token", True),
        ("store_name", False),
        ("birth_year", False),
        ("capacity", False),
        ("customer_id", False),
    ],
)
def test_a_name_says_whether_a_column_is_near_to_a_person(column: str, is_personal: bool) -> None:
    suite = load_suite(frames.EXPECTATIONS / "audit/personal_data.yml")
    query = suite.query_of(suite.expectations[0])
    with duckdb.connect() as connection:
        connection.execute(f"create schema core; create table core.dim_x ({column} varchar)")
        found = connection.execute(query).fetchall()
    assert bool(found) is is_personal


def test_data_docs_hold_this_run_only(evaluated: tuple[GateReport, Path]) -> None:
    report, docs = evaluated
    assert report.data_docs_index == docs / "index.html"
    assert (docs / "index.html").is_file()
    assert not (docs / "validation_of_last_year.html").exists()
    assert len(list((docs / "validations").rglob("*.html"))) == 3


def test_the_files_can_be_written_after_the_gate(
    evaluated: tuple[GateReport, Path], databases: dict[str, Path]
) -> None:
    """GX keeps read-only connections open by default, and the next night cannot write."""
    with duckdb.connect(str(databases["warehouse"])) as connection:
        connection.execute("create table meta.written (a integer)")


def test_bad_data_is_a_failure_and_names_table_rule_count_and_keys(
    evaluated: tuple[GateReport, Path],
) -> None:
    report = GateReport(suites=(evaluated[0].suites[1],))
    assert report.status == "failed"
    with pytest.raises(GateFailed) as failure:
        report.raise_for_status()
    message = str(failure.value)
    assert "3 critical rule(s)" in message
    assert "core.fct_sales" in message
    assert "expect_column_values_to_be_between(quantity): critical, 1 unexpected" in message
    assert "(receipt_id=r0:x, line_number=1)" in message
    assert "line_type" not in message, "a warning is no reason to stop"


def test_a_rule_that_raises_is_an_error_of_the_gate_and_not_a_failure(
    evaluated: tuple[GateReport, Path],
) -> None:
    assert evaluated[0].status == "error"
    with pytest.raises(GateErrored, match="a query that raises: could not be evaluated"):
        evaluated[0].raise_for_status()


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{type: expect_column_values_to_not_be_null, kwargs: {column: gone}}", "gone"),
        ("{type: expect_nothing, kwargs: {}}", "expect_nothing not found"),
        ("{type: expect_column_values_to_not_be_null, kwargs: {colum: a}}", "validation error"),
    ],
)
def test_a_broken_rule_is_an_error_and_its_neighbours_are_still_judged(
    tmp_path: Path,
    write_suite: WriteSuite,
    databases: dict[str, Path],
    rule: str,
    message: str,
) -> None:
    good = "{type: expect_column_values_to_not_be_null, kwargs: {column: receipt_id}}"
    path = write_suite(f"table: core.fct_sales\nexpectations:\n  - {rule}\n  - {good}\n")
    report = run_gate(databases, [load_suite(path)], tmp_path / "docs")
    assert [result.status for result in report.suites[0].results] == ["error", "passed"]
    assert message in str(report.suites[0].results[0].error)


def test_a_missing_table_or_database_is_an_error_of_its_suite_alone(
    tmp_path: Path, write_suite: WriteSuite, databases: dict[str, Path]
) -> None:
    rule = "{type: expect_table_row_count_to_be_between, kwargs: {min_value: 1}}"
    paths = [
        write_suite(f"table: core.fct_sales\nexpectations: [{rule}]"),
        write_suite(f"table: core.fct_gone\nexpectations: [{rule}]", name="fct_gone"),
        write_suite(f"table: feeds.item\nexpectations: [{rule}]", layer="raw", name="item"),
    ]
    report = run_gate(databases, [load_suite(path) for path in paths], tmp_path / "docs")
    assert [suite.status for suite in report.suites] == ["passed", "error", "error"]


def test_a_gate_without_suites_is_an_error() -> None:
    report = GateReport(suites=())
    assert report.status == "error"
    with pytest.raises(GateErrored, match="no suite"):
        report.raise_for_status()


def test_the_gate_never_fetches_the_rows_of_a_table(
    tmp_path: Path,
    write_suite: WriteSuite,
    databases: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """GX runs the bare query of an asset only to see its columns: 20 million rows took 8 GB."""
    from pipelines.quality import gx_duckdb

    fetched: list[int] = []
    buffer = gx_duckdb.FullyBufferedCursorFetchStrategy

    def counting(cursor: object, initial_buffer: list[object]) -> object:
        fetched.append(len(initial_buffer))
        return buffer(cursor, initial_buffer=initial_buffer)

    monkeypatch.setattr(gx_duckdb, "FullyBufferedCursorFetchStrategy", counting)
    path = write_suite(
        """
table: core.fct_sales
expectations:
  - {type: expect_column_values_to_be_in_set, kwargs: {column: line_type, value_set: [x]}}
  - {type: expect_column_values_to_be_unique, kwargs: {column: line_number}}
  - type: unexpected_rows_expectation
    description: every row
    kwargs: {unexpected_rows_query: "select * from {batch}"}
"""
    )
    report = run_gate(databases, [load_suite(path)], tmp_path / "docs")
    assert [result.unexpected_count for result in report.suites[0].results] == [4, 4, 4]
    assert fetched
    assert max(fetched) == 1, "one row of counts, where the table has four"


def test_a_failing_rule_on_links_names_no_record_and_no_customer(tmp_path: Path) -> None:
    """Data Docs outlive an erasure."""
    model = frames.PROJECT / "dbt_project/models/core/xref_customer_identity.yml"
    (described,) = yaml.safe_load(model.read_text(encoding="utf-8"))["models"]
    columns = {
        column["name"]: {"config": column.get("config", {})} for column in described["columns"]
    }
    node = {
        "resource_type": "model", "schema": "core", "alias": described["name"], "columns": columns
    }  # fmt: skip
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"nodes": {"links": node}}), encoding="utf-8")
    link = {"source_system": "crm", "source_id": CANARY, "linked_at": datetime(2026, 1, 2)}
    databases = frames.write_databases(
        tmp_path / "house",
        {
            "core.xref_customer_identity": [
                {**link, "customer_id": f"{CANARY}-1"},
                {**link, "customer_id": f"{CANARY}-2", "unlinked_at": datetime(2026, 1, 1)},
                {**link, "customer_id": f"{CANARY}-3"},
            ]
        },
    )
    suite = load_suite(frames.EXPECTATIONS / "core/xref_customer_identity.yml")
    report = run_gate(
        databases, [suite], tmp_path / "docs", personal_columns=personal_columns(manifest)
    )
    assert [result.status for result in report.suites[0].results] == ["passed", "failed", "failed"]
    assert report.suites[0].results[2].sample_keys == ("source_system=crm",)
    assert CANARY not in repr(report)
    pages = [path for path in (tmp_path / "docs").rglob("*") if path.is_file()]
    assert pages
    assert [path for path in pages if CANARY.encode() in path.read_bytes()] == []
