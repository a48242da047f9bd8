"""A small retailer that has run one night, copied for each test."""

import csv
import os
import random
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from pipelines.nightly import RunOutcome, run_nightly
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.sql import quote
from pipelines.warehouse.dbt import ensure_manifest
from pipelines.window import Window

MAPPINGS = {
    "sales": """\
feed: pos_line
files: sales/sales_{business_date}*.csv
columns: {store: store_id, till: workstation_id, receipt: transaction_seq, line: line_seq,
  type: line_type, item: item_id, qty: qty, unit: uom, amount: extended_amount,
  discount: line_discount, card: customer_ref}
""",
    "items": """\
feed: item
files: items/items_{extract_date}.csv
columns: {item: item_id, name: item_name, department: level_1, category: level_2, brand: brand}
""",
    "stores": """\
feed: store
files: stores/stores_{extract_date}.csv
columns: {store: store_id, name: store_name, opened: open_date, area: selling_area_m2}
""",
}

FIRST_DAY = date(2026, 1, 1)
DAYS = 40
WRITTEN_DAYS_AGO = 40
SALES_COLUMNS = (
    "store",
    "till",
    "receipt",
    "line",
    "type",
    "item",
    "qty",
    "unit",
    "amount",
    "discount",
    "card",
)


@dataclass(frozen=True)
class Retailer:
    """A house and what was delivered to it."""

    settings: Settings

    def run(self, window: Window | None = None) -> RunOutcome:
        return run_nightly(self.settings, window or Window())

    def write(self, name: str, rows: list[tuple]) -> Path:
        path = self.settings.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        return path

    def write_day(self, day: date, rows: list[tuple], suffix: str = "") -> Path:
        return self.write(f"sales/sales_{day}{suffix}.csv", [SALES_COLUMNS, *rows])

    def read_day(self, day: date) -> list[tuple]:
        path = self.settings.landing / f"sales/sales_{day}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            return [tuple(row) for row in csv.reader(file)][1:]

    def query(self, text: str) -> list[tuple]:
        with duckdb.connect(str(self.published), read_only=True) as connection:
            return connection.execute(text).fetchall()

    @property
    def published(self) -> Path:
        return self.settings.published / "current" / "tillhouse.duckdb"

    @property
    def build_id(self) -> str:
        return (self.settings.published / "current").readlink().name

    def table_hashes(self) -> dict[str, tuple]:
        """Row count and order-free hash of every table that is made from the feeds alone."""
        with duckdb.connect(str(self.published), read_only=True) as connection:
            tables = connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables() "
                "where schema_name in ('core', 'marts', 'meta') "
                "and table_name not in ('run', 'gate_result', 'restatement') order by 1"
            ).fetchall()
            # How often a file came again is a memory of deliveries that a new house cannot have.
            rows = {"meta.feed_status": "(select * exclude (resent_file_count) from {})"}
            return {
                table: connection.execute(
                    f"select count(*), coalesce(bit_xor(hash(t)), 0), coalesce(sum(hash(t)), 0) "
                    f"from {rows.get(table, '{}').format(table)} as t"
                ).fetchone()
                for (table,) in tables
            }


def day_rows(day: date, random_state: random.Random) -> list[tuple]:
    """Some 100 lines of three stores: sales, returns, weighed goods, anonymous receipts."""
    rows = []
    for store in ("S1", "S2", "S3"):
        for receipt in range(1, 13):
            card = random_state.choice(["", *[f"C{n}" for n in range(25)]])
            for line, item in enumerate(random_state.sample(range(12), 3), start=1):
                is_return = random_state.random() < 0.05
                weighed = item == 0
                quantity = Decimal(random_state.randint(200, 2000)) / 1000 if weighed else 1
                amount = Decimal(random_state.randint(50, 2000)) / 100
                discount = Decimal(random_state.randint(0, 3)) / 10
                rows.append(
                    (
                        store,
                        1,
                        receipt,
                        line,
                        "return" if is_return else "sale",
                        f"I{item}",
                        quantity,
                        "kg" if weighed else "each",
                        amount,
                        discount,
                        card,
                    )
                )
    return rows


def leaks(retailer: Retailer, canaries: Sequence[str]) -> list[str]:
    """Files that hold a canary, but for the places where they may stand.

    Every file of the home is searched byte by byte and, as a database compresses texts, table by
    table.
    """
    home = retailer.settings.home
    files = sorted(
        path
        for path in home.rglob("*")
        if path.is_file()
        and not path.is_relative_to(retailer.settings.landing)
        and path not in (retailer.settings.raw_database, home / "answer_key" / "canaries.json")
    )
    assert retailer.settings.warehouse_database in files
    return [
        f"{path.relative_to(home)}: {canary}"
        for path in files
        for canary in sorted(_in_bytes(path, canaries) | _in_tables(path, canaries))
    ]


def _in_bytes(path: Path, canaries: Sequence[str]) -> set[str]:
    """The canaries in a file, as they are written."""
    content = path.read_bytes()
    return {canary for canary in canaries if canary.encode() in content}


def _in_tables(path: Path, canaries: Sequence[str]) -> set[str]:
    """The canaries in the tables of a DuckDB file; none in other files."""
    if path.suffix != ".duckdb":
        return set()
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where not internal"
        ).fetchall()
        return {
            canary
            for schema, table in tables
            for canary in canaries
            if connection.execute(
                f"select 1 from {quote(schema)}.{quote(table)} as t "
                "where contains(cast(t as varchar), ?) limit 1",
                [canary],
            ).fetchall()
        }


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where houses stand. Each has one path for all tests: for another path dbt parses anew."""
    return tmp_path_factory.mktemp("retailer")


@pytest.fixture(scope="session")
def new_home(place: Path) -> Callable[[], Path]:
    """Makes way for another house at the one path.

    What a night makes of the project alone, the parsed models and the script of the charts, is
    handed on where a first night has made it: it costs twelve seconds and says nothing of the data.
    """

    def make() -> Path:
        home, made = place / "home", place / "template" / "work"
        shutil.rmtree(home, ignore_errors=True)
        for name in ("dbt", "dashboard"):
            if (made / name).exists():
                shutil.copytree(made / name, home / "work" / name)
        return home

    return make


def deliver_first_night(retailer: Retailer) -> None:
    """Forty days of sales, and masters of what is sold in them, all written forty days ago.

    So what a later night brings for one of these days is late.
    """
    for name, text in MAPPINGS.items():
        (retailer.settings.mappings / f"{name}.yml").write_text(text, encoding="utf-8")
    random_state = random.Random(7)
    for offset in range(DAYS):
        day = FIRST_DAY + timedelta(days=offset)
        retailer.write_day(day, day_rows(day, random_state))
    retailer.write(
        "items/items_2026-01-01.csv",
        [("item", "name", "department", "category", "brand")]
        + [(f"I{n}", f"Item {n}", f"D{n % 2}", f"K{n % 4}", f"B{n % 3}") for n in range(12)],
    )
    retailer.write(
        "stores/stores_2026-01-01.csv",
        [
            ("store", "name", "opened", "area"),
            ("S1", "North", "2020-01-01", "500.5"),
            ("S2", "South", "2021-01-01", "250"),
            ("S3", "West", "", ""),
        ],
    )
    written_at = time.time() - timedelta(days=WRITTEN_DAYS_AGO).total_seconds()
    for path in retailer.settings.landing.rglob("*.csv"):
        os.utime(path, (written_at, written_at))


@pytest.fixture(scope="session")
def template(place: Path, shared_directory: Path, new_home: Callable[[], Path]) -> Path:
    """The home of a retailer after a good first night, which one worker makes for all.

    The others parse the models themselves, for their own path.
    """
    made, own = shared_directory / "retailer_after_first_night", place / "template"
    with FileLock(f"{made}.lock"):
        if not made.exists():
            retailer = Retailer(settings_of(new_home()))
            retailer.settings.make_directories()
            deliver_first_night(retailer)
            outcome = retailer.run()
            assert outcome.exit_code == 0, outcome.reason
            shutil.copytree(retailer.settings.home, own, symlinks=True)
            retailer.settings.home.rename(made)
    if not own.exists():
        home = place / "home"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(made, home, symlinks=True)
        shutil.rmtree(home / "work" / "dbt")
        ensure_manifest(settings_of(home))
        home.rename(own)
    return own


def settings_of(home: Path) -> Settings:
    """A house whose files need not settle."""
    return Settings(home=home, settle_seconds=0, first_business_date=str(FIRST_DAY))


@pytest.fixture
def retailer(template: Path, place: Path) -> Retailer:
    """The retailer as the first night left it; what a test does to it the next one does not see."""
    home = place / "home"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(template, home, symlinks=True)
    return Retailer(settings_of(home))


@pytest.fixture
def start_over() -> Callable[[Retailer], None]:
    """Takes away all that a house made of its deliveries, so that its next night is its first."""

    def forget(retailer: Retailer) -> None:
        home = retailer.settings.home
        # What is kept of erased people is made of no delivery.
        delivered, parsed = ("landing", "mappings", "privacy"), ("dbt", "dashboard")
        for directory, kept in ((home, (*delivered, "work")), (home / "work", parsed)):
            for path in directory.iterdir():
                if path.name not in kept:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        retailer.settings.make_directories()

    return forget


@pytest.fixture
def own_project(retailer: Retailer, place: Path) -> Retailer:
    """The retailer with a copy of the models and suites that a test may break."""
    project = place / "project"
    shutil.rmtree(project, ignore_errors=True)
    for folder in ("dbt_project", "expectations"):
        shutil.copytree(
            PROJECT_ROOT / folder,
            project / folder,
            ignore=shutil.ignore_patterns("target", "logs"),
        )
    return Retailer(retailer.settings.model_copy(update={"project": project}))
