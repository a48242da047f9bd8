"""The command line as a person meets it."""

import json

import pytest
from click.testing import CliRunner

from pipelines.cli import main


@pytest.fixture
def tillhouse(house, monkeypatch):
    """Runs the command line in the house."""
    monkeypatch.setenv("TILLHOUSE_HOME", str(house.home))

    def run(*arguments):
        return CliRunner().invoke(main, arguments)

    return run


def test_status_of_an_empty_house_says_so(tillhouse):
    result = tillhouse("status")
    assert result.exit_code == 0
    assert "nothing was loaded yet" in result.output
    assert "published: nothing yet" in result.output


def test_a_story_needs_a_published_build(tillhouse):
    result = tillhouse("explain", "customer", "crm:C1")
    assert (result.exit_code, result.output) == (1, "Error: nothing is published yet\n")


def test_status_shows_rows_in_loaded_quarantined_and_duplicate(tillhouse, deliver, load, raw):
    deliver("sales_2026-01-05.csv", "S1,1,1,1,A,1,2.50,C1", "S1,1,1,1,A,1,2.50,C1", "S1,1,x,1,,,,")
    deliver("sales_2026-01-06.csv", content=b"nonsense\n")
    load()
    raw.close()
    state = json.loads(tillhouse("status", "--json").output)
    (sales,) = [feed for feed in state["feeds"] if feed["feed"] == "pos_line"]
    counts = [sales[column] for column in ("rows", "loaded", "quarantined", "duplicate")]
    assert counts == [3, 1, 1, 1]
    assert sales["refused_files"] == 1
    assert list(state["refused_files"]) == ["sales_2026-01-06.csv"]
    plain = tillhouse("status").output
    assert "refused: sales_2026-01-06.csv: header" in plain
    assert "no feed" in plain


def test_check_tells_what_would_become_of_a_file_and_loads_nothing(tillhouse, deliver, house):
    path = deliver(
        "sales_2026-01-05.csv", "S1,1,1,1,A,1,2.50,C1", "S1,1,2,1,A,oops,2.50,C1", "S1,1,3,1,A,1,1,"
    )
    result = tillhouse("check", str(path))
    assert result.exit_code == 3
    assert "3 rows = 2 loaded + 1 quarantined + 0 duplicate" in result.output
    assert "line 3: qty: 'oops' is not a decimal(18,3)" in result.output
    assert not house.raw_database.exists()


def test_check_of_a_good_file_ends_well(tillhouse, deliver):
    path = deliver("sales_2026-01-05.csv", "S1,1,1,1,A,1,2.50,C1")
    assert tillhouse("check", str(path)).exit_code == 0


def test_check_names_the_rule_by_which_a_file_would_be_refused(tillhouse, deliver):
    path = deliver("sales_2026-01-05.csv", content=b"store,till\nS1,1\n")
    result = tillhouse("check", str(path))
    assert result.exit_code == 3
    assert "would be refused: header: the header has no column 'receipt'" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--all", "--date", "2026-01-05"),
        ("--from", "2026-01-05"),
        ("--from", "2026-01-05", "--to", "2026-01-01"),
        ("--date", "5.1.2026"),
    ],
)
def test_a_run_without_a_clear_window_is_refused(tillhouse, arguments):
    assert tillhouse("run", *arguments).exit_code == 2


def test_a_home_that_is_a_file_is_named(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.touch()
    monkeypatch.setenv("TILLHOUSE_HOME", str(path))
    result = CliRunner().invoke(main, ["status"])
    assert result.exit_code == 2
    assert "TILLHOUSE_HOME is" in result.output
    assert "name a directory" in result.output
