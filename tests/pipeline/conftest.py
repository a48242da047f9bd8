"""A small retailer that has run one night, copied for each test."""

import csv
import os
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from click.testing import CliRunner
from filelock import FileLock

from pipelines.cli import main
from pipelines.nightly import RunOutcome, run_nightly
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.window import Window

if TYPE_CHECKING:
    from tests.conftest import DbtPlace

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
NEXT_DAY = FIRST_DAY + timedelta(days=DAYS)
GOOD_ROW = ("S1", 1, 1, 1, "sale", "I1", 1, "each", "7.00", "0", "C1")
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
            # What came again or was refused is a memory of deliveries that a new house cannot have.
            remembered = "resent_file_count, refused_file_count"
            rows = {"meta.feed_status": f"(select * exclude ({remembered}) from {{}})"}
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
def template(dbt_place: "DbtPlace", shared_directory: Path) -> Path:
    """The home of a retailer after a good first night, which one worker makes for all.

    But not what dbt knows of the models, which is for one path.
    """
    made, own = shared_directory / "retailer_after_first_night", dbt_place.root / "template"
    with FileLock(f"{made}.lock"):
        if not made.exists():
            retailer = Retailer(settings_of(dbt_place.clear()))
            retailer.settings.make_directories()
            deliver_first_night(retailer)
            outcome = retailer.run()
            assert outcome.exit_code == 0, outcome.reason
            dbt_place.keep()
            shutil.copytree(retailer.settings.home, own, symlinks=True)
            retailer.settings.home.rename(made)
    if not own.exists():
        home = dbt_place.clear()
        parsed_elsewhere = {str(made / "work"): {"dbt"}}
        shutil.copytree(
            made,
            home,
            symlinks=True,
            dirs_exist_ok=True,
            ignore=lambda directory, _: parsed_elsewhere.get(directory, set()),
        )
        dbt_place.keep()
        home.rename(own)
    return own


def settings_of(home: Path) -> Settings:
    """A house whose files need not settle."""
    return Settings(home=home, settle_seconds=0, first_business_date=str(FIRST_DAY))


@pytest.fixture
def retailer(template: Path, dbt_place: "DbtPlace") -> Retailer:
    """The retailer as the first night left it; what a test does to it the next one does not see."""
    shutil.rmtree(dbt_place.home, ignore_errors=True)
    shutil.copytree(template, dbt_place.home, symlinks=True)
    return Retailer(settings_of(dbt_place.home))


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
def own_project(retailer: Retailer, dbt_place: "DbtPlace") -> Retailer:
    """The retailer with a copy of the models and suites that a test may break."""
    project = dbt_place.root / "project"
    shutil.rmtree(project, ignore_errors=True)
    for folder in ("dbt_project", "expectations"):
        shutil.copytree(
            PROJECT_ROOT / folder,
            project / folder,
            ignore=shutil.ignore_patterns("target", "logs"),
        )
    return Retailer(retailer.settings.model_copy(update={"project": project}))


@pytest.fixture
def told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[Retailer, RunOutcome], str]:
    """What a night printed, how it ended, and what the command line says of the house after it."""

    def ask(retailer: Retailer, outcome: RunOutcome) -> str:
        monkeypatch.setenv("TILLHOUSE_HOME", str(retailer.settings.home))
        printed = capfd.readouterr()
        status = [CliRunner().invoke(main, ["status", *more]).output for more in ([], ["--json"])]
        assert "pos_line" in status[0]
        return "\n".join([printed.out, printed.err, outcome.reason or "", *status])

    return ask
