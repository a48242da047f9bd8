"""Rows that passed the build before are not asked again, unless rules or members are others."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import frames
import pytest

from pipelines.quality.gate import run_gate
from pipelines.quality.report import FAILED
from pipelines.quality.standing import rules_version, suites_to_ask
from pipelines.quality.suites import Suite

STANDING = frames.DAY - timedelta(days=365)
WHOLE = "all rows are asked"


@pytest.fixture(scope="module")
def narrowable(real_suites: tuple[Suite, ...]) -> list[Suite]:
    return [suite for suite in real_suites if suite.replaced_by]


@pytest.fixture
def house(tmp_path: Path, good_databases: dict[str, Path]) -> dict[str, Path]:
    """Good rows of a date that stands, and of one that the build replaced."""
    house = {
        name: Path(shutil.copyfile(path, tmp_path / path.name))
        for name, path in good_databases.items()
    }
    with duckdb.connect(str(house["raw"])) as connection:
        connection.execute(
            f"insert into raw.ledger.changed_business_date values (date '{frames.DAY}')"
        )
    with duckdb.connect(str(house["warehouse"])) as connection:
        for table, column in (
            ("core.fct_sales", "business_date"),
            ("core.fct_basket", "business_date"),
            ("core.fct_customer_day", "business_date"),
            ("core.fct_returns", "business_date"),
            ("core.fct_sales_week", "fiscal_week_start_date"),
            ("marts.price_point_store", "fiscal_week_start_date"),
        ):
            connection.execute(f"update {table} set {column} = date '{frames.DAY}'")
            connection.execute(
                f"insert into {table} select * replace (date '{STANDING}' as {column}) from {table}"
            )
        connection.execute(f"insert into core.dim_date (date_day) values (date '{STANDING}')")
        connection.execute("update core.dim_date set fiscal_week_start_date = date_day")
    return house


def failures(house: dict[str, Path], suites: Iterable[Suite], docs: Path) -> set[str]:
    """Tables of which a rule fails."""
    report = run_gate(house, list(suites), docs)
    assert {suite.status for suite in report.suites} <= {"passed", FAILED}
    return {suite.table for suite in report.suites if suite.status == FAILED}


def break_rows(house: dict[str, Path], day: date) -> None:
    """Break a rule of each table that can be asked for its replaced dates."""
    with duckdb.connect(str(house["warehouse"])) as connection:
        for table, fault, column in (
            ("core.fct_sales", "product_key = 99", "business_date"),
            ("core.fct_sales_week", "product_id = 'p9'", "fiscal_week_start_date"),
            ("core.fct_basket", "net_amount = 7", "business_date"),
            ("core.fct_returns", "returns_amount = 4", "business_date"),
            ("marts.price_point_store", "price_band_code = '?'", "fiscal_week_start_date"),
        ):
            connection.execute(f"update {table} set {fault} where {column} = date '{day}'")


def test_facts_that_are_replaced_by_date_can_be_asked_by_date(narrowable: list[Suite]) -> None:
    assert {suite.table for suite in narrowable} == {
        "core.fct_sales",
        "core.fct_sales_week",
        "core.fct_basket",
        "core.fct_returns",
        "core.fct_customer_day",
        "marts.price_point_store",
    }


def test_what_the_build_replaced_is_asked(
    tmp_path: Path, house: dict[str, Path], narrowable: list[Suite]
) -> None:
    narrowed = [suite.narrowed() for suite in narrowable]
    assert failures(house, narrowed, tmp_path / "docs") == set()
    break_rows(house, frames.DAY)
    assert failures(house, narrowed, tmp_path / "docs") == {suite.table for suite in narrowable}


def test_what_stands_is_asked_with_all_rows_alone(
    tmp_path: Path, house: dict[str, Path], narrowable: list[Suite]
) -> None:
    break_rows(house, STANDING)
    narrowed = [suite.narrowed() for suite in narrowable]
    assert failures(house, narrowed, tmp_path / "docs") == set()
    assert failures(house, narrowable, tmp_path / "docs") == {suite.table for suite in narrowable}


@pytest.mark.parametrize(
    ("table", "missing_it"),
    [
        ("core.fct_customer_day", {"core.fct_customer_day"}),
        ("core.fct_basket", {"core.fct_basket", "core.fct_customer_day"}),
        ("core.fct_returns", {"core.fct_returns"}),
    ],
)
def test_a_fact_without_rows_on_a_replaced_date_is_missed(
    tmp_path: Path,
    house: dict[str, Path],
    narrowable: list[Suite],
    table: str,
    missing_it: set[str],
) -> None:
    with duckdb.connect(str(house["warehouse"])) as connection:
        connection.execute(f"delete from {table} where business_date = date '{frames.DAY}'")
    narrowed = [suite.narrowed() for suite in narrowable]
    assert failures(house, narrowed, tmp_path / "docs") == missing_it


@pytest.mark.parametrize("left", ["basket_date", "return_date"])
def test_dates_that_a_fact_replaced_though_they_did_not_change_are_asked(
    tmp_path: Path, house: dict[str, Path], narrowable: list[Suite], left: str
) -> None:
    with duckdb.connect(str(house["raw"])) as connection:
        connection.execute(f"insert into history.{left} values (date '{STANDING}')")
    break_rows(house, STANDING)
    narrowed = [suite.narrowed() for suite in narrowable]
    assert {"core.fct_basket", "core.fct_returns"} <= failures(house, narrowed, tmp_path / "docs")


def test_all_rows_are_asked_without_a_build_that_passed(
    house: dict[str, Path], real_suites: tuple[Suite, ...]
) -> None:
    asked, reason = suites_to_ask(real_suites, warehouse=house["warehouse"], previous=None)
    assert asked == list(real_suites)
    assert reason.startswith(WHOLE)


def test_a_member_that_is_gone_lets_all_rows_be_asked(
    tmp_path: Path, house: dict[str, Path], real_suites: tuple[Suite, ...]
) -> None:
    previous = Path(shutil.copyfile(house["warehouse"], tmp_path / "previous.duckdb"))
    asked, reason = suites_to_ask(real_suites, warehouse=house["warehouse"], previous=previous)
    assert not reason.startswith(WHOLE)
    assert asked == [suite.narrowed() for suite in real_suites]
    with duckdb.connect(str(house["warehouse"])) as connection:
        connection.execute("delete from core.dim_product where product_key = 21")
    asked, reason = suites_to_ask(real_suites, warehouse=house["warehouse"], previous=previous)
    assert asked == list(real_suites)
    assert reason == "all rows are asked: members are gone from core.dim_product"


def test_a_build_before_that_cannot_be_read_lets_all_rows_be_asked(
    tmp_path: Path, house: dict[str, Path], real_suites: tuple[Suite, ...]
) -> None:
    previous = tmp_path / "previous.duckdb"
    previous.write_bytes(b"damaged")
    asked, reason = suites_to_ask(real_suites, warehouse=house["warehouse"], previous=previous)
    assert asked == list(real_suites)
    assert reason.startswith("all rows are asked: the build before cannot be read")


def test_another_rule_is_another_version(tmp_path: Path) -> None:
    expectations = Path(shutil.copytree(frames.EXPECTATIONS, tmp_path / "expectations"))
    version = rules_version(expectations)
    assert rules_version(expectations) == version
    suite = expectations / "core" / "fct_sales.yml"
    suite.write_text(suite.read_text(encoding="utf-8").replace("> 0", ">= 0"), encoding="utf-8")
    assert rules_version(expectations) != version
