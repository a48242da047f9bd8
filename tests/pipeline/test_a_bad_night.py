"""Whole runs that must stop with a clear reason, while last night's build stays up."""

import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlparse

import dagster as dg
import duckdb
import pytest

from pipelines.lock import AlreadyRunning
from pipelines.warehouse.dbt import manifest_path
from pipelines.window import Window

from .conftest import DAYS, FIRST_DAY, Retailer

pytestmark = pytest.mark.pipeline

NEXT_DAY = FIRST_DAY + timedelta(days=DAYS)
GOOD_ROW = ("S1", 1, 1, 1, "sale", "I1", 1, "each", "7.00", "0", "C1")


class LastNight:
    """Holds that last night's build stays current, unchanged and readable throughout."""

    def __init__(self, retailer: Retailer) -> None:
        self.retailer = retailer
        self.build_id, self.hashes = retailer.build_id, retailer.table_hashes()
        self.reader = duckdb.connect(str(retailer.published), read_only=True)

    def is_untouched(self) -> bool:
        count = self.reader.execute("select count(*) from core.fct_sales").fetchone()
        self.reader.close()
        return (
            count == (self.hashes["core.fct_sales"][0],)
            and self.retailer.build_id == self.build_id
            and self.retailer.table_hashes() == self.hashes
        )


@pytest.fixture
def last_night(retailer):
    return LastNight(retailer)


def test_a_bad_file_stops_the_night_until_it_is_mended(retailer, last_night):
    path = retailer.write_day(NEXT_DAY, [GOOD_ROW])
    sound = path.read_bytes()
    path.write_bytes(sound.replace(b"amount", b"amuont"))
    outcome = retailer.run()
    assert outcome.exit_code == 3
    assert outcome.step == "load_landed_files"
    assert (
        f"sales/sales_{NEXT_DAY}.csv: header: the header has no column 'amount'" in outcome.reason
    )
    assert "did it become 'amuont'" in outcome.reason
    assert last_night.is_untouched()

    assert retailer.run().exit_code == 3, "a refused file that still stands there stops every night"
    path.write_bytes(sound)
    assert retailer.run().exit_code == 0
    assert retailer.query("select max(business_date) from core.fct_sales") == [(NEXT_DAY,)]


def test_bad_rows_stop_the_night_with_table_rule_count_and_keys(retailer, last_night):
    rows = [("S1", 1, n, 1, "sale", "I1", 1, "each", "7.00", "0", "C1") for n in range(3)]
    retailer.write(
        "sales/sales_2005-01-01.csv",
        [
            (
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
            ),
            *rows,
        ],
    )
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


def add_rule(project: Retailer, description: str, query: str) -> None:
    """Add a critical rule to the suite of the sales fact."""
    suite = project.settings.expectations / "core/fct_sales.yml"
    rule = f"""
  - type: unexpected_rows_expectation
    description: {description}
    kwargs: {{unexpected_rows_query: "{query}"}}
"""
    suite.write_text(suite.read_text(encoding="utf-8") + rule, encoding="utf-8")


BROKEN_MODELS = {
    # One breaks a test, one does not compile, one makes a forbidden value.
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
}
"""By model, what is put in the place of its last statement and what a night says of that."""


def test_broken_models_stop_the_night_with_what_each_broke(own_project, last_night):
    """That each would stop it alone is told by the unit tests of `raise_for_failures`."""
    for model, (last_select, _) in BROKEN_MODELS.items():
        change_model(own_project, model, last_select)
    outcome = own_project.run()
    assert outcome.exit_code == 3
    assert outcome.step == "build_warehouse"
    words = [word for _, words in BROKEN_MODELS.values() for word in words]
    assert [word for word in words if word not in outcome.reason] == []
    assert "3 model(s) or test(s) failed" in outcome.reason
    assert last_night.is_untouched()


def test_a_rule_that_the_data_break_stops_the_night_at_the_warehouse_gate(own_project, last_night):
    add_rule(own_project, "nobody buys I1", "select * from {batch} where product_id = 'I1'")
    outcome = own_project.run()
    assert outcome.exit_code == 3
    assert outcome.step == "warehouse_gate"
    assert "fct_sales" in outcome.reason
    assert "nobody buys I1: critical" in outcome.reason
    assert last_night.is_untouched()
    (check,) = failed_checks(own_project, outcome.run_id)
    assert check.check_name == "gate_core_fct_sales"
    page = Path(urlparse(str(check.metadata["data_docs"].value)).path)
    assert "nobody buys I1" in "".join(p.read_text("utf-8") for p in page.parent.rglob("*.html"))


def failed_checks(retailer: Retailer, run_id: str) -> list[dg.AssetCheckEvaluation]:
    """What Dagster shows of the suites of a run that a critical rule failed."""
    with dg.DagsterInstance.from_config(str(retailer.settings.dagster_home)) as instance:
        told = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    checks = [entry.get_dagster_event().asset_check_evaluation_data for entry in told]
    return [
        check
        for check in checks
        if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR
    ]


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
def test_a_night_after_a_broken_suite_and_a_kill_ends_where_a_good_one_would_have(
    own_project, last_night, start_over
):
    """The warehouse that the gate stopped is no base to build on, nor is one half built.

    That the suite is broken is told apart from bad data.
    """
    suite = own_project.settings.expectations / "core/fct_sales.yml"
    good = suite.read_text()
    own_project.write_day(NEXT_DAY, [GOOD_ROW])
    add_rule(own_project, "a mistaken rule", "select * from {batch} where no_such_column = 1")
    outcome = own_project.run()
    assert outcome.exit_code == 4
    assert outcome.step == "warehouse_gate"
    assert "a mistaken rule: could not be evaluated" in outcome.reason
    own_project.write_day(NEXT_DAY, [(*GOOD_ROW[:8], "8.00", *GOOD_ROW[9:])])
    suite.write_text(good)
    kill_within_dbt(own_project)
    assert last_night.is_untouched()
    outcome = own_project.run()
    assert outcome.exit_code == 0, outcome.reason
    hashes = own_project.table_hashes()
    start_over(own_project)
    assert own_project.run().exit_code == 0
    assert own_project.table_hashes() == hashes


def kill_within_dbt(retailer: Retailer) -> None:
    """Start a run in a process of its own and kill it when the warehouse begins to change."""
    environment = {
        **os.environ,
        "TILLHOUSE_HOME": str(retailer.settings.home),
        "TILLHOUSE_PROJECT": str(retailer.settings.project),
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


def test_the_manifest_is_parsed_again_when_a_model_changed(own_project):
    from pipelines.warehouse.dbt import ensure_manifest

    shutil.rmtree(manifest_path(own_project.settings).parent)
    first = ensure_manifest(own_project.settings).stat().st_mtime_ns
    assert ensure_manifest(own_project.settings).stat().st_mtime_ns == first
    (own_project.settings.dbt_project / "models/core/dim_store.sql").touch()
    assert ensure_manifest(own_project.settings).stat().st_mtime_ns != first
