"""What a person who brings a file of an unknown till gets: a home, a proposal, a check."""

import json
from pathlib import Path

import duckdb
import pytest
import yaml
from click.testing import CliRunner
from sample_files import write_workbook

from pipelines.cli import main
from pipelines.feeds.mapping import MappingError, load_mappings
from pipelines.settings import PROJECT_ROOT

TILLS = PROJECT_ROOT / "tests" / "fixtures" / "tills"


@pytest.fixture
def tillhouse(tmp_path, monkeypatch):
    """Runs the command line in an empty home."""
    monkeypatch.setenv("TILLHOUSE_HOME", str(tmp_path / "home"))

    def run(*arguments):
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    run.home = tmp_path / "home"
    return run


def propose(tillhouse, path, feed="pos_line"):
    result = tillhouse("map", path, "--feed", feed)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_new_home_has_an_example_that_can_be_checked(tillhouse):
    result = tillhouse("init")
    assert result.exit_code == 0
    assert len(load_mappings(tillhouse.home / "mappings")) == 1
    checked = tillhouse("check", tillhouse.home / "example" / "sales_2026-01-05.csv")
    assert checked.exit_code == 3
    assert "3 rows = 2 loaded + 1 quarantined + 0 duplicate" in checked.output
    assert "line 4: qty: 'one' is not a decimal(18,3)" in checked.output


def test_a_home_is_never_laid_down_over_another(tillhouse):
    tillhouse("init")
    mapping = tillhouse.home / "mappings" / "sales.yml"
    mapping.write_text("mine", encoding="utf-8")
    (tillhouse.home / "README.md").unlink()
    result = tillhouse("init")
    assert result.exit_code == 1
    assert "is there already; nothing was changed" in result.output
    assert mapping.read_text(encoding="utf-8") == "mine"
    assert not (tillhouse.home / "README.md").exists()


def test_a_german_till_is_described_with_what_must_be_decided(tillhouse):
    text = propose(tillhouse, TILLS / "kasse12.asc")
    said = yaml.safe_load(text)
    assert said["delimiter"] == ";"
    assert said["encoding"] == "cp1252"
    assert said["timestamp_format"] == "%d.%m.%Y %H:%M:%S"
    assert (said["decimal_separator"], said["thousands_separator"]) == (",", ".")
    assert said["negative"] == "trailing"
    assert said["columns"]["Verkäufer"] is None
    assert "#   business_date: " in text
    assert "names no offset; declare time_zone" in text


def test_a_proposal_that_lacks_something_is_no_mapping_yet(tillhouse, tmp_path):
    (tmp_path / "till.yml").write_text(propose(tillhouse, TILLS / "kasse12.asc"), encoding="utf-8")
    with pytest.raises(MappingError, match="nothing fills the required column"):
        load_mappings(tmp_path)


def test_the_german_till_loads_once_its_doubts_are_answered(tillhouse):
    tillhouse("init")
    answers = (
        "time_zone: Europe/Berlin\n"
        "business_day: {from: sold_at, time_zone: Europe/Berlin, cut_over_hour: 0}\n"
    )
    (tillhouse.home / "mappings" / "till.yml").write_text(
        propose(tillhouse, TILLS / "kasse12.asc") + answers, encoding="utf-8"
    )
    checked = tillhouse("check", TILLS / "kasse12.asc")
    assert checked.exit_code == 0, checked.output
    assert "3 rows = 3 loaded + 0 quarantined" in checked.output


def test_the_chinese_till_loads_as_proposed(tillhouse):
    path = TILLS / "sales_20260105.asc"
    text = propose(tillhouse, path)
    said = yaml.safe_load(text)
    assert said["encoding"] == "gb18030"
    assert said["files"] == "sales_{business_date}.asc"
    assert said["columns"]["商品编码"] == "item_id"
    (tillhouse.home / "mappings").mkdir(parents=True)
    (tillhouse.home / "mappings" / "till.yml").write_text(text, encoding="utf-8")
    checked = tillhouse("check", path)
    assert "2 rows = 2 loaded + 0 quarantined" in checked.output


@pytest.mark.parametrize("name", ["kasse12.asc", "sales_20260105.asc"])
def test_the_guide_shows_what_the_command_says(tillhouse, name):
    guide = (PROJECT_ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    assert propose(tillhouse, TILLS / name) in guide


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("store,date\nS1,03/04/2026\n", "fits %d/%m/%Y and %m/%d/%Y; the first is taken"),
        ("store,date\nS1,April 3\n", "no date format known here fits"),
        ('store,qty\nS1,"1,234"\n', "may also have a decimal comma"),
        ("store_no,qty\nS1,1\n", "'store_no' only resembles store_id"),
        ("store\nS1\n", "is only the most frequent in the header"),
    ],
)
def test_a_doubt_is_spelled_out(tillhouse, tmp_path, text, doubt):
    assert doubt in propose(tillhouse, written(tmp_path / "sales_2026-01-05.csv", text))


def test_a_date_with_a_time_of_day_is_the_moment_of_the_sale(tillhouse, tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text("Bon;Datum\n1;20.11.2026 10:00\n2;21.11.2026 09:30\n", encoding="utf-8")
    text = propose(tillhouse, path)
    assert yaml.safe_load(text)["columns"]["Datum"] == "sold_at"
    assert yaml.safe_load(text)["timestamp_format"] == "%d.%m.%Y %H:%M"
    assert "business_date: may follow from the moment of the sale" in text


def test_a_file_in_a_folder_of_the_landing_directory_is_claimed_there(tillhouse):
    tillhouse("init")
    path = tillhouse.home / "landing" / "north" / "sales_2026-11-20.csv"
    path.parent.mkdir(parents=True)
    path.write_text("Bon;Menge\n1;2\n", encoding="utf-8")
    proposed = yaml.safe_load(propose(tillhouse, path))
    assert proposed["files"] == "north/sales_{business_date}.csv"
    (tillhouse.home / "mappings" / "north.yml").write_text(yaml.safe_dump(proposed))
    checked = tillhouse("check", path)
    assert checked.exit_code == 3
    assert "would be refused: mapping north.yml: nothing fills the required" in checked.output
    assert "pydantic" not in checked.output


def test_other_formats_are_told_apart(tillhouse, tmp_path):
    line = json.dumps({"store": "S1", "qty": 1})
    assert "format: jsonl" in propose(tillhouse, written(tmp_path / "a.jsonl", line + "\n"))
    assert "format: poslog" in propose(tillhouse, written(tmp_path / "a.xml", "<POSLog/>\n"))
    book = write_workbook(tmp_path / "a.xlsx", [["store", "qty"], ["S1", 1]])
    assert "format: xlsx" in propose(tillhouse, book)
    with duckdb.connect() as connection:
        connection.execute(f"copy (select 'S1' as store) to '{tmp_path / 'a.parquet'}'")
    assert "format: parquet" in propose(tillhouse, tmp_path / "a.parquet")


def test_fault_43_a_file_that_names_currencies_is_asked_which_is_not_foreign(tillhouse, tmp_path):
    text = "store,qty,Währung,kurs\nS1,1,CHF,\nS1,1,EUR,0.95\nS1,1,CHF,\nS1,1,?,\n"
    proposal = propose(tillhouse, written(tmp_path / "a.csv", text))
    assert "# Doubt: reporting_currency: CHF is what most rows name" in proposal
    assert "\nreporting_currency: CHF\n" in proposal
    assert "  Währung: currency\n  kurs: fx_rate\n" in proposal
    poslog = propose(tillhouse, written(tmp_path / "a.xml", "<POSLog/>\n"))
    assert "# Doubt: reporting_currency: EUR is an example" in poslog


def test_a_feed_that_does_not_exist_and_a_file_without_bytes_are_named(tillhouse, tmp_path):
    path = written(tmp_path / "a.csv", "")
    assert "none of" in tillhouse("map", path, "--feed", "sales").output
    assert "a.csv: empty" in tillhouse("map", path, "--feed", "pos_line").output
