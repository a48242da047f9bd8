"""The files of the simulated retailer: complete, repeatable, and damaged as the key says."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.feeds.contract import load_contracts
from pipelines.feeds.mapping import load_mappings
from pipelines.settings import PROJECT_ROOT
from pipelines.simulation.scale import SCALES, scale_for_lines
from pipelines.simulation.simulate import HomeNotEmpty, simulate

pytestmark = pytest.mark.slow


def digests(home: Path) -> dict[str, str]:
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.rglob("*")
        if path.is_file()
    }


def test_every_feed_is_delivered(simulated_home: Path, loaded: Any) -> None:
    mapped = {mapping.feed for mapping in load_mappings(simulated_home / "mappings")}
    empty = [feed for feed in load_contracts() if not loaded.rows(f"from feeds.{feed} limit 1")]
    assert mapped == set(load_contracts())
    assert empty == []


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(
    simulated_home: Path, tmp_path: Path
) -> None:
    for seed in (7, 8):
        simulate(
            tmp_path / str(seed), scale=SCALES["tiny"], seed=seed, on_progress=lambda text: None
        )
    first, again, other = (digests(d) for d in (simulated_home, tmp_path / "7", tmp_path / "8"))
    assert first == again
    assert first["landing/till_a/lines_2024-02-10.csv"] != other.get(
        "landing/till_a/lines_2024-02-10.csv"
    )


def test_a_home_that_holds_files_is_left_alone(simulated_home: Path) -> None:
    with pytest.raises(HomeNotEmpty, match="name an empty directory"):
        simulate(simulated_home, scale=SCALES["tiny"], seed=7, on_progress=lambda text: None)


def test_every_file_loads_but_the_one_that_was_sent_again(
    loaded: Any, answer_key: dict[str, Any]
) -> None:
    resent = [f["file"] for f in answer_key["files"]["faults"] if f["kind"] == "resent_file"]
    assert loaded.summary.refused == {}
    assert loaded.summary.strangers == []
    assert len(resent) == 1
    assert loaded.summary.duplicates == resent


def test_rows_in_are_loaded_quarantined_and_duplicate_as_planted(
    loaded: Any, answer_key: dict[str, Any]
) -> None:
    planted: dict[str, int] = {}
    for fault in answer_key["files"]["faults"]:
        planted[fault["kind"]] = planted.get(fault["kind"], 0) + fault["rows"]
    rows_in, kept, quarantined, duplicates = loaded.rows(
        "select sum(row_count), sum(loaded_count), sum(quarantined_count), sum(duplicate_count) "
        "from ledger.file"
    )[0]
    assert rows_in == kept + quarantined + duplicates
    assert quarantined == planted["bad_rows"] == 2
    assert duplicates == (
        planted["repeated_rows"] + planted["resent_file"] + planted["repeated_store_day"]
    )


def test_the_repeated_store_day_is_as_long_as_the_world_says(answer_key: dict[str, Any]) -> None:
    by_world = sum(row["rows"] for row in answer_key["files"]["repeated_store_day"])
    by_file = sum(
        fault["rows"]
        for fault in answer_key["files"]["faults"]
        if fault["kind"] == "repeated_store_day"
    )
    assert by_world == by_file > 0


def test_bad_rows_are_quarantined_for_their_quantity(loaded: Any) -> None:
    reasons = loaded.rows("select distinct feed, reasons from quarantine.row")
    assert len(reasons) == 1
    assert reasons[0][0] == "pos_line"
    assert reasons[0][1].startswith("qty: 'zwei' is not a decimal")


def test_the_late_file_came_twenty_days_after_its_date(
    simulated_home: Path, answer_key: dict[str, Any]
) -> None:
    late = [f for f in answer_key["files"]["faults"] if f["kind"] == "late_file"]
    assert {Path(fault["file"]).name for fault in late} >= {"lines_2024-03-13_S001_late.csv"}
    for fault in late:
        path = simulated_home / "landing" / fault["file"]
        arrived = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        assert (arrived.date() - datetime(2024, 3, 13, tzinfo=UTC).date()).days == 20


def test_the_missing_store_day_has_no_row_in_any_till_feed(loaded: Any) -> None:
    for feed in ("pos_line", "pos_transaction", "pos_tender", "pos_discount", "register_session"):
        found = loaded.rows(
            f"select store_id from feeds.{feed} where business_date = '2024-02-27' group by all"
        )
        assert ("S002",) not in found
        assert feed == "pos_discount" or ("S001",) in found


def test_the_old_tills_write_german_numbers_in_cp1252(simulated_home: Path) -> None:
    raw = (simulated_home / "landing/till_b/umsatz_2024-02-10.csv").read_bytes()
    header, first, *_ = raw.decode("cp1252").splitlines()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    assert header.startswith("filiale;kasse;bon;zeile;")
    assert "Größe" in first
    assert ",000;each;" in first


def test_sales_past_midnight_belong_to_the_day_before(loaded: Any) -> None:
    late = loaded.rows(
        """
        select business_date, cast(timezone('Europe/Berlin', timezone('UTC', sold_at)) as timestamp)
        from counted.pos_line
        where store_id = 'S002'
            and cast(timezone('Europe/Berlin', timezone('UTC', sold_at)) as date) > business_date
        """
    )
    assert late
    assert all(moment.hour < 4 and (moment.date() - day).days == 1 for day, moment in late)


def test_canaries_stand_in_the_feeds_that_the_key_names(
    loaded: Any, answer_key: dict[str, Any]
) -> None:
    for feed, values in answer_key["canaries"].items():
        text = str(loaded.rows(f"from counted.{feed}"))
        assert [value for value in values.values() if value not in text] == []


def test_too_few_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="use at least 5000"):
        scale_for_lines(100)
    assert scale_for_lines(300_000).stores == SCALES["small"].stores


def test_the_command_writes_a_home(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["simulate", "--out", str(tmp_path / "home")])
    assert result.exit_code == 0, result.output
    assert "receipt lines in" in result.output
    again = CliRunner().invoke(main, ["simulate", "--out", str(tmp_path / "home")])
    assert again.exit_code == 1
    assert "name an empty directory" in again.output


def test_the_new_column_is_told_and_stops_nothing(loaded: Any, answer_key: dict[str, Any]) -> None:
    (bad,) = (f["file"] for f in answer_key["files"]["faults"] if f["kind"] == "bad_rows")
    warned = loaded.rows("select file_name, warning from ledger.file where warning is not null")
    assert warned == [(bad, "not mapped: kassenversion")]


def test_the_document_names_every_story(answer_key: dict[str, Any]) -> None:
    text = (PROJECT_ROOT / "docs" / "simulation.md").read_text(encoding="utf-8")
    assert [name for name in answer_key["stories"] if f"| {name} |" not in text] == []
