"""Whole runs that must stop with a clear reason, while last night's build stays up."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.feeds.contract import load_contracts
from pipelines.lock import AlreadyRunning
from pipelines.nightly import RunOutcome
from pipelines.settings import Settings
from pipelines.status import read_state
from pipelines.window import Window

from .canaries import CANARIES, MAIL, PHONE, heard, leaks, plant
from .conftest import FIRST_DAY, GOOD_ROW, NEXT_DAY, SALES_COLUMNS, Retailer

pytestmark = pytest.mark.pipeline

Told = Callable[[Retailer, RunOutcome], str]

SOLD = "select sum(net_amount), count(*) from core.fct_sales"


class LastNight:
    """Holds that last night's build stays current, unchanged and readable throughout."""

    def __init__(self, retailer: Retailer) -> None:
        self.retailer = retailer
        self.build_id, self.hashes = retailer.build_id, retailer.table_hashes()
        self.reader = duckdb.connect(str(retailer.published), read_only=True)
        self.sold = retailer.query(SOLD)

    def is_untouched(self) -> bool:
        return (
            self.reads_as_before()
            and self.retailer.build_id == self.build_id
            and self.retailer.table_hashes() == self.hashes
        )

    def reads_as_before(self) -> bool:
        """Whether a reader that has the build open sees what it saw."""
        return self.reader.execute(SOLD).fetchall() == self.sold


@pytest.fixture
def last_night(retailer):
    night = LastNight(retailer)
    yield night
    night.reader.close()


def test_bad_rows_stop_the_night_with_table_rule_count_and_keys(retailer, last_night):
    rows = [("S1", 1, n, 1, "sale", "I1", 1, "each", "7.00", "0", "C1") for n in range(3)]
    retailer.write("sales/sales_2005-01-01.csv", [SALES_COLUMNS, *rows])
    outcome = retailer.run()
    assert outcome.exit_code == 3
    assert outcome.step == "raw_gate"
    for words in ("pos_line", "not in the future", "3 unexpected", "business_date=2005-01-01"):
        assert words in outcome.reason
    assert last_night.is_untouched()


def change_model(project: Retailer, name: str, last_select: str) -> None:
    """Put another statement in the place of a model's last one."""
    model = project.settings.dbt_project / f"models/core/{name}.sql"
    text = model.read_text(encoding="utf-8")
    changed = text.replace("select * from final", last_select)
    assert changed != text
    model.write_text(changed, encoding="utf-8")


BROKEN_MODELS = {
    # One breaks a test, one does not compile, one makes a forbidden value, one a number of a name.
    "fct_basket": (
        "select * from final where net_amount > 3",
        ("assert_fct_basket_reconciles_to_fct_sales: Got ",),
    ),
    "dim_supplier": (
        "select * from finale",
        ("dim_supplier: Runtime Error", "Table with name finale does not exist"),
    ),
    "dim_price_band": (
        "select * replace (cast(-1 as decimal(18, 4)) as to_price_amount) from final",
        ("dim_price_band: Runtime Error", "CHECK constraint failed on table dim_price_band"),
    ),
    "dim_case_reason": (
        "select * from final where 1 < (select max(cast(family_name as integer)) "
        "from {{ source('raw', 'crm_customer') }})",
        ("dim_case_reason: Runtime Error", "Could not convert string '...' to INT32"),
    ),
}
"""By model, what is put in the place of its last statement and what a night says of that."""


def test_broken_models_stop_the_night_with_what_each_broke(own_project, last_night, told):
    """But not with the value that it broke on.

    That each would stop the night alone is told by the unit tests of `raise_for_failures`.
    """
    plant(own_project, load_contracts()["crm_customer"])
    for model, (last_select, _) in BROKEN_MODELS.items():
        change_model(own_project, model, last_select)
    outcome = own_project.run()
    assert outcome.exit_code == 3
    assert outcome.step == "build_warehouse"
    words = [word for _, words in BROKEN_MODELS.values() for word in words]
    assert [word for word in words if word not in outcome.reason] == []
    assert "4 model(s) or test(s) failed" in outcome.reason
    assert last_night.is_untouched()
    assert heard(told(own_project, outcome)) == []
    assert leaks(own_project, CANARIES) == []


def test_a_second_writer_is_turned_away_and_a_day_built_again_changes_nothing(retailer, last_night):
    """Turned away with pid and since when; the day is built when the first writer is dead."""
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from pipelines.lock import writer_lock\n"
            "with writer_lock(Path(sys.argv[1]), 'a test'):\n"
            "    print('held', flush=True); time.sleep(60)",
            str(retailer.settings.lock),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning, match=rf"pid {holder.pid}, since 2\d\d\d-.*, a test"):
            retailer.run()
    finally:
        holder.kill()
        holder.wait()
    assert last_night.is_untouched()
    day = FIRST_DAY + timedelta(days=11)
    assert retailer.run(Window(day, day)).exit_code == 0, "a dead holder frees the lock"
    assert retailer.table_hashes() == last_night.hashes


@pytest.mark.slow
def test_nights_that_stop_one_after_another_end_where_a_good_one_would_have(
    retailer, last_night, told, start_over, tmp_path, monkeypatch
):
    """A refused file, a broken suite, a contact to be published and a kill; then a good night.

    One house for all of it: the warehouse of a night that failed is no base to build on, nor is one
    half built.
    """
    refused_header(retailer)
    assert last_night.is_untouched()
    rows = [(*GOOD_ROW[:2], number, *GOOD_ROW[3:]) for number in range(400)]
    bad = (*GOOD_ROW[:2], 999, *GOOD_ROW[3:6], "oops", *GOOD_ROW[7:])
    retailer.write_day(NEXT_DAY, [*rows, bad])
    with monkeypatch.context() as own_suites:
        broken_suite(retailer, tmp_path / "expectations", own_suites)
    assert last_night.is_untouched()
    contact_in_text(retailer, told)
    assert last_night.is_untouched()

    retailer.write(ITEMS, items("B1"))
    retailer.write_day(NEXT_DAY, [(*rows[0][:8], "8.00", *rows[0][9:]), *rows[1:], bad])
    kill_within_dbt(retailer)
    assert last_night.is_untouched()

    outcome = retailer.run()
    assert outcome.exit_code == 0, outcome.reason
    assert last_night.reads_as_before()
    ((net, count),) = last_night.sold
    assert retailer.query(SOLD) == [(net + 399 * Decimal(7) + 8, count + 400)]
    assert_what_was_kept_out_is_counted(retailer)
    assert leaks(retailer, CANARIES) == []

    hashes = retailer.table_hashes()
    # The build of the new house gets the number, and so the path, of the one that is read.
    last_night.reader.close()
    start_over(retailer)
    assert retailer.run().exit_code == 0
    assert retailer.table_hashes() == hashes


def refused_header(retailer: Retailer) -> None:
    """A file with a column of another name stops each night until it is mended."""
    path = retailer.write_day(NEXT_DAY, [GOOD_ROW])
    path.write_bytes(path.read_bytes().replace(b"amount", b"amuont"))
    outcome = retailer.run()
    assert (outcome.exit_code, outcome.step) == (3, "load_landed_files")
    assert (
        f"sales/sales_{NEXT_DAY}.csv: header: the header has no column 'amount'" in outcome.reason
    )
    assert "did it become 'amuont'" in outcome.reason
    assert retailer.run().exit_code == 3, "a refused file that still stands there stops every night"


def broken_suite(retailer: Retailer, suites: Path, patch: pytest.MonkeyPatch) -> None:
    """That a rule cannot be evaluated is told apart from bad data.

    The suites alone are the test's own: models in another place would be parsed anew.
    """
    shutil.copytree(retailer.settings.expectations, suites)
    patch.setattr(Settings, "expectations", suites)
    suite = suites / "raw/pos_line.yml"
    rule = """
  - type: unexpected_rows_expectation
    description: a mistaken rule
    kwargs: {unexpected_rows_query: "select * from {batch} where no_such_column = 1"}
"""
    suite.write_text(suite.read_text(encoding="utf-8") + rule, encoding="utf-8")
    outcome = retailer.run()
    assert (outcome.exit_code, outcome.step) == (4, "raw_gate")
    assert "a mistaken rule: could not be evaluated" in outcome.reason


ITEMS = "items/items_2026-01-02.csv"


def items(brand: str, last_name: str = "Item 11") -> list[tuple]:
    """The item master with one brand for all items but the last."""
    return [
        ("item", "name", "department", "category", "brand"),
        *((f"I{n}", f"Item {n}", "D1", "K1", brand) for n in range(11)),
        ("I11", last_name, "D1", "K1", "B1"),
    ]


def contact_in_text(retailer: Retailer, told: Told) -> None:
    """A contact that would be published stops the night at its last step."""
    retailer.write(ITEMS, items(f"ask {MAIL}", last_name=f"ring {PHONE}"))
    outcome = retailer.run()
    assert (outcome.exit_code, outcome.step) == (3, "publish_build")
    assert "core.dim_product.brand_name: mail address in 11 row(s)" in outcome.reason
    assert "core.dim_product.product_name: phone number in 1 row(s)" in outcome.reason
    assert heard(told(retailer, outcome)) == []
    # The warehouse of a failed night is read by nobody, and built anew the next night.
    in_warehouse = {f"warehouse.duckdb: {canary}" for canary in (MAIL, PHONE)}
    assert set(leaks(retailer, CANARIES)) == in_warehouse


def assert_what_was_kept_out_is_counted(retailer: Retailer) -> None:
    """The published numbers name the row and the refused file, the command line the row."""
    ((rows, loaded, quarantined, duplicate, refused),) = retailer.query(
        "select row_count, loaded_count, quarantined_count, duplicate_count, refused_file_count "
        "from meta.feed_status where feed_code = 'pos_line'"
    )
    assert (quarantined, refused) == (1, 1)
    assert rows == loaded + quarantined + duplicate
    state = read_state(retailer.settings)
    assert next(feed for feed in state.feeds if feed.feed == "pos_line").quarantined == 1
    assert state.as_json()["published"]["build_id"] == retailer.build_id


def kill_within_dbt(retailer: Retailer) -> None:
    """Start a run in a process of its own and kill it when the warehouse begins to change."""
    environment = {
        **os.environ,
        "TILLHOUSE_HOME": str(retailer.settings.home),
        "TILLHOUSE_SETTLE_SECONDS": "0",
        "TILLHOUSE_FIRST_BUSINESS_DATE": "2026-01-01",
    }
    run = subprocess.Popen(
        [str(Path(sys.executable).parent / "tillhouse"), "run", "--all"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert run.stderr is not None
        for line in run.stderr:
            if "to replace" in line:
                break
        changed = changed_at(retailer.settings.warehouse_database)
        while changed_at(retailer.settings.warehouse_database) == changed and run.poll() is None:
            time.sleep(0.05)
        assert run.poll() is None, "the run ended before it could be killed"
    finally:
        run.kill()
        run.wait()


def changed_at(path: Path) -> float:
    """Last change of a file; 0 while it does not exist, since a run puts another in its place."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0
