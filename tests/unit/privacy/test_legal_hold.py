"""Legal holds: they are on a person, whatever number the person has later."""

from datetime import date

import duckdb
import pytest
from click.testing import CliRunner
from small_house import ask, run, state

from pipelines.cli import main
from pipelines.privacy.erase import LegalHold
from pipelines.privacy.legal_hold import held_names, hold
from pipelines.privacy.person import SOURCE_PRIORITY, UnknownCustomer
from pipelines.status import read_state

LONG = date(2099, 1, 1)


def link_anew(settings, system: str, number: str, customer: str) -> None:
    """What a resolution does when a record turns out to be somebody else's."""
    with duckdb.connect(str(settings.raw_database)) as connection:
        connection.execute(
            "update identity.xref_customer_identity set unlinked_at = now() "
            "where (source_system, source_id) = ($1, $2)",
            [system, number],
        )
        connection.execute(
            "insert into identity.xref_customer_identity (source_system, source_id, customer_id) "
            "values (?, ?, ?)",
            [system, number, customer],
        )


def test_a_person_whose_data_must_be_kept_is_not_erased(loaded):
    before = state(loaded)
    hold(loaded, "C2", reason="law suit 7", until=date(2099, 1, 1))
    run(loaded)
    with pytest.raises(LegalHold, match="until 2099-01-01: law suit 7"):
        run(loaded, "P2")
    assert ask(loaded, "select reason from privacy.erasure where step = 'refused'") == [
        ("legal hold until 2099-01-01: law suit 7",)
    ]
    assert [r for r in state(loaded)["pos_line"] if "C2" in r] == [
        r for r in before["pos_line"] if "C2" in r
    ]


def test_a_hold_ends_with_its_day(loaded):
    hold(loaded, "P1", reason="law suit 7", until=date(2020, 1, 1))
    run(loaded)


def test_a_hold_outlasts_the_number_that_it_was_set_by(loaded):
    hold(loaded, "P2", reason="law suit 7", until=LONG)
    link_anew(loaded, "crm", "C2", "P1")
    for number in ("C2", "P1"):
        with pytest.raises(LegalHold):
            run(loaded, number)
    link_anew(loaded, "crm", "C2", "P9")
    with duckdb.connect(str(loaded.raw_database)) as connection:
        names = held_names(connection, loaded.dbt_project / SOURCE_PRIORITY)
    assert names == [("P2", "C2"), ("P2", "P9")], "by these the rows of closed weeks are held"


def test_a_hold_is_not_on_somebody_elses_record_of_the_same_number(loaded):
    hold(loaded, "P1", reason="law suit 7", until=LONG)
    run(loaded, "P3")


@pytest.mark.parametrize("customer", ["C1", "P8"])
def test_a_hold_on_nobody_or_on_one_of_several_is_refused(loaded, customer):
    with pytest.raises(UnknownCustomer):
        hold(loaded, customer, reason="law suit 7", until=LONG)
    assert ask(loaded, "select count(*) from privacy.legal_hold") == [(0,)]


def test_a_hold_of_an_earlier_release_is_on_the_person_or_on_all_who_have_its_number(
    loaded, monkeypatch
):
    """It knew the number alone: P2 is one person, C1 is crm's and the shop's, P8 nobody."""
    with duckdb.connect(str(loaded.raw_database)) as connection:
        connection.execute(
            "insert into privacy.legal_hold (customer, reason, until_date) "
            "select unnest(['P2', 'C1', 'P8']), 'law suit 7', date '2099-01-01'"
        )
    monkeypatch.setenv("TILLHOUSE_HOME", str(loaded.home))
    assert "2 legal hold(s)" in CliRunner().invoke(main, ["status"], catch_exceptions=False).stdout
    for number in ("C2", "P1", "P3"):
        with pytest.raises(LegalHold):
            run(loaded, number)
    shown = CliRunner().invoke(main, ["privacy", "holds"], catch_exceptions=False)
    assert shown.stdout.splitlines() == [
        "2099-01-01  C1  law suit 7", "2099-01-01  P2  law suit 7", "2099-01-01  P8  law suit 7",
    ]  # fmt: skip
    assert [line.split()[0] for line in shown.stderr.splitlines()] == ["C1", "P8"], "to set again"
    assert read_state(loaded).as_json()["unbound_holds"] == 2
    link_anew(loaded, "crm", "C2", "P9")
    with pytest.raises(LegalHold):
        run(loaded, "P9")
    with duckdb.connect(str(loaded.raw_database)) as connection:
        names = held_names(connection, loaded.dbt_project / SOURCE_PRIORITY)
    assert [name for held, name in names if held == "P2"] == ["C2", "P9"]
    assert [name for held, name in names if held == "C1"] == ["C1", "P1", "P3"]
    assert [name for held, name in names if held == "P8"] == ["P8"]
