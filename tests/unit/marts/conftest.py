"""Homes for the marts' oracles: rows go straight into raw.duckdb, dbt builds the rest.

The expected numbers come from elsewhere: worked out by hand, or counted in Python without models.
"""

import csv
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines.feeds.contract import load_contracts
from pipelines.feeds.ledger import insert_files
from pipelines.feeds.raw_tables import create_tables
from pipelines.settings import Settings
from pipelines.warehouse.dbt import invoke_dbt, raise_for_failures

if TYPE_CHECKING:
    from tests.conftest import DbtPlace

HAND_WORKED = Path(__file__).parents[2] / "fixtures" / "hand_worked"

Rows = list[dict[str, Any]]
Query = Callable[..., list[tuple[Any, ...]]]


def _fill_raw(database: Path, rows_by_feed: dict[str, Rows], changes: dict[str, Rows]) -> None:
    """Write rows as if one file a feed had been loaded; absent and blank columns are NULL.

    `changes` are rows by feed of a further file each, which holds changes only.
    """
    with duckdb.connect(str(database)) as connection:
        create_tables(connection)
        contracts = load_contracts()
        files = [*rows_by_feed.items(), *changes.items()]
        for file_id, (feed, rows) in enumerate(files, start=1):
            names = [column.name for column in contracts[feed].columns]
            places = ", ".join("?" for _ in names)
            connection.executemany(
                f"insert into feeds.{feed} values ({places}, ?, ?, now())",
                [
                    [*(_value(row, name) for name in names), file_id, line_number]
                    for line_number, row in enumerate(rows, start=1)
                ],
            )
            delivery = "full" if file_id <= len(rows_by_feed) else "delta"
            entry = {"file_id": file_id, "feed": feed, "status": "loaded", "delivery": delivery}
            insert_files(connection, [entry])
        connection.execute(
            "insert into ledger.changed_business_date "
            "select distinct business_date, true from feeds.pos_line"
        )


def _value(row: dict[str, Any], name: str) -> Any:
    return None if row.get(name) == "" else row.get(name)


def _build(
    home: Path,
    place: "DbtPlace",
    rows_by_feed: dict[str, Rows],
    arguments: list[str],
    *,
    variables: str,
    changes: dict[str, Rows] | None = None,
) -> Settings:
    """Build in the one place and bring the house to its own."""
    settings = Settings(home=place.clear(variables))
    settings.make_directories()
    _fill_raw(settings.raw_database, rows_by_feed, changes or {})
    _run_dbt(settings, arguments, variables)
    place.keep(variables)
    return Settings(home=place.home.rename(home))


def _run_dbt(settings: Settings, arguments: list[str], variables: str) -> None:
    raise_for_failures(invoke_dbt(settings, ["--quiet", *arguments, "--vars", variables]))


def _query(settings: Settings) -> Iterator[Query]:
    with duckdb.connect(str(settings.warehouse_database), read_only=True) as connection:
        yield lambda sql, *values: connection.execute(sql, list(values)).fetchall()


def _read(name: str) -> Rows:
    with (HAND_WORKED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _hand_worked_lines() -> Rows:
    """The lines of the fixture, and the year between its two Marches.

    On the 51 Sundays from 16 March 2025 to 1 March 2026 the stores N and S each sell one water for
    1.00 to nobody they know: without them both would have been closed for a year.
    """
    lines = [{"workstation_id": "1", **line} for line in _read("pos_line.csv")]
    sundays = [date(2025, 3, 16) + timedelta(weeks=week) for week in range(51)]
    return lines + [
        {
            "store_id": store,
            "workstation_id": "1",
            "transaction_seq": 100 + number,
            "business_date": sunday,
            "line_seq": 1,
            "line_type": "sale",
            "item_id": "I7",
            "qty": 1,
            "extended_amount": "1.00",
        }
        for number, sunday in enumerate(sundays)
        for store in ("N", "S")
    ]


HAND_WORKED_BUILD = [
    "build",
    "--select",
    "+path:models/marts",
    "--exclude",
    "resource_type:unit_test",
    "--indirect-selection",
    "cautious",
]
"""All marts with their data tests."""

HAND_WORKED_VARIABLES = "{affinity_min_pair_basket_count: 2, affinity_min_chi_square: 1}"
"""Pairs count from 2 baskets and chi-square 1 on, or so few receipts would have none."""

VARIABLES = (
    "{affinity_min_pair_basket_count: 6, affinity_min_chi_square: 3.84, "
    "affinity_piece_basket_count: 100, regular_trade_rate: 0.5}"
)
"""For all other houses, each of which looks at some of it. Pairs are built a period at a time. A
store is regular from half of the trading days on: there are but few of them."""


@pytest.fixture(scope="session")
def hand_worked_house(tmp_path_factory: pytest.TempPathFactory, dbt_place: "DbtPlace") -> Settings:
    """The house built, with all its data tests, from tests/fixtures/hand_worked."""
    return _build(
        tmp_path_factory.mktemp("hand_worked") / "home",
        dbt_place,
        {
            "pos_line": _hand_worked_lines(),
            "item": _read("item.csv"),
            "store": _read("store.csv"),
        },
        HAND_WORKED_BUILD,
        variables=HAND_WORKED_VARIABLES,
    )


@pytest.fixture(scope="session")
def hand_worked(hand_worked_house: Settings) -> Iterator[Query]:
    """Ask the warehouse built from tests/fixtures/hand_worked."""
    yield from _query(hand_worked_house)


@pytest.fixture
def copy_of_hand_worked(hand_worked_house: Settings, dbt_place: "DbtPlace") -> Settings:
    """That house once more, for a test that changes and rebuilds it."""
    settings = Settings(home=dbt_place.clear(HAND_WORKED_VARIABLES))
    settings.make_directories()
    for name in ("raw_database", "warehouse_database"):
        shutil.copyfile(getattr(hand_worked_house, name), getattr(settings, name))
    return settings


@pytest.fixture
def rebuild_hand_worked() -> Callable[[Settings], None]:
    """Build a copy of that house anew, with all its data tests."""

    def build(settings: Settings) -> None:
        settings.warehouse_database.unlink()
        _run_dbt(settings, HAND_WORKED_BUILD, HAND_WORKED_VARIABLES)

    return build


@pytest.fixture(scope="session")
def build_marts(
    tmp_path_factory: pytest.TempPathFactory, dbt_place: "DbtPlace"
) -> Callable[..., Iterator[Query]]:
    """Build chosen models from rows of the test's own and ask the result."""

    def build(
        rows_by_feed: dict[str, Rows],
        *,
        models: list[str],
        changes: dict[str, Rows] | None = None,
    ) -> Iterator[Query]:
        selected = [f"+{model}" for model in models]
        without_tests = ["--exclude", "resource_type:unit_test", "resource_type:test"]
        settings = _build(
            tmp_path_factory.mktemp("marts") / "home",
            dbt_place,
            rows_by_feed,
            ["build", "--select", *selected, *without_tests],
            variables=VARIABLES,
            changes=changes,
        )
        yield from _query(settings)

    return build
