"""What landed files cannot tell again outlives raw.duckdb: tombstones, log, proof of consent."""

import json
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from small_house import CUSTOMERS, SALES, ask, counted, load, run

from pipelines.cli import main
from pipelines.feeds.raw_tables import create_tables
from pipelines.identity.resolve import resolve_identities
from pipelines.privacy.erase import LegalHold, erase
from pipelines.privacy.export import export_person
from pipelines.privacy.key import PrivacyKeyChanged, PrivacyKeyMissing
from pipelines.privacy.legal_hold import hold
from pipelines.privacy.reason import ReasonNamesPerson

CONSENTS = """\
feed: crm_consent
files: consents_{event_date}.csv
columns: {system: source_system, id: source_customer_id, purpose: purpose, channel: channel,
  at: event_ts, status: status, basis: legal_basis, proof: proof_ref, policy: policy_version}
"""

GRANTED = [
    "crm,C1,marketing,email,2026-01-02T09:00:00Z,granted,consent,form 17,v3",
    "crm,C1,marketing,phone,2026-01-02T09:00:00Z,granted,consent,mail of kim@example.org,v3",
    "crm,C1,profiling,email,2026-01-02T09:00:00Z,withdrawn,consent,letter-C1-9,v3",
    "crm,C2,marketing,email,2026-01-02T09:00:00Z,granted,consent,form 18,v3",
]


@pytest.fixture
def consenting(loaded, deliver):
    """The house after consents came too."""
    (loaded.mappings / "consents.yml").write_text(CONSENTS, encoding="utf-8")
    header = "system,id,purpose,channel,at,status,basis,proof,policy"
    deliver("consents_2026-01-02.csv", *GRANTED, header=header)
    load(loaded)
    return loaded


def bring_the_person_back(settings, deliver) -> None:
    """What a sender delivers once more, as it was before the erasure."""
    deliver("sales_2026-01-05_again.csv", *SALES)
    deliver("customers_2026-01-02.csv", content=CUSTOMERS.encode("cp1252"))
    load(settings)


def named(settings) -> list[tuple]:
    """Rows that name the person."""
    return ask(
        settings,
        "select family_name from feeds.crm_customer where family_name = 'Müller' "
        "union all select customer_ref from feeds.pos_line where customer_ref = 'C1'",
    )


def test_a_raw_database_that_is_lost_does_not_bring_the_person_back(loaded, deliver):
    run(loaded)
    sold = counted(loaded, "pos_line", "* exclude (_file_id, _loaded_at)")
    loaded.raw_database.unlink()
    bring_the_person_back(loaded, deliver)
    assert named(loaded) == []
    assert counted(loaded, "pos_line", "* exclude (_file_id, _loaded_at)") == sold


def test_a_backup_of_before_the_erasure_forgets_the_person_too(loaded):
    with duckdb.connect(str(loaded.raw_database)) as connection:
        connection.execute("checkpoint")
    before = loaded.raw_database.read_bytes()
    run(loaded)
    loaded.raw_database.write_bytes(before)
    assert named(loaded) == [("Müller",), ("C1",)]
    load(loaded)
    assert named(loaded) == []
    assert ask(loaded, "select source_id from identity.xref_customer_identity order by all") == [
        ("C1",), ("C2",),
    ]  # fmt: skip


def test_a_backup_forgets_what_it_kept_of_closed_weeks_too(loaded):
    """The person's and nobody else's: that of C2 is under a hold that goes on."""
    hold(loaded, "P1", reason="law suit 7", until=date(2020, 1, 1))
    hold(loaded, "P2", reason="law suit 8", until=date(2099, 1, 1))
    with duckdb.connect(str(loaded.raw_database)) as connection:
        connection.execute(
            "insert into retention.held_row (customers) values (['P1']), (['P2']); "
            "insert into retention.acquisition (customer_ref) values ('C1'), ('C2'); checkpoint"
        )
    before = loaded.raw_database.read_bytes()
    run(loaded)
    loaded.raw_database.write_bytes(before)
    load(loaded)
    assert ask(loaded, "select customers from retention.held_row") == [(["P2"],)]
    assert ask(loaded, "select customer_ref from retention.acquisition") == [("C2",)]
    assert ask(loaded, "select customer from privacy.legal_hold") == [("P2",)]


@pytest.mark.parametrize(
    ("key", "refusal"),
    [(None, PrivacyKeyMissing), (SecretStr("x" * 40), PrivacyKeyChanged)],
)
def test_nothing_is_loaded_with_another_key_than_that_of_the_erasure(loaded, key, refusal):
    run(loaded)
    loaded.raw_database.unlink()
    with pytest.raises(refusal):
        load(loaded.model_copy(update={"privacy_key": key}))
    assert ask(loaded, "select count(*) from feeds.pos_line") == [(0,)]
    load(loaded)


def test_the_files_hold_keyed_hashes_and_nothing_of_the_person(consenting):
    run(consenting)
    files = sorted(consenting.kept.iterdir())
    assert [path.stem for path in files] == ["consent_proof", "erasure", "key_check", "tombstone"]
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    with duckdb.connect() as connection:
        content = str([connection.execute(f"from '{path}'").fetchall() for path in files]).lower()
    texts = ("'c1'", "'p1'", "kim", "müller", "1701234567", "0170")
    assert [text for text in texts if text in content] == []


def test_what_was_decided_of_customers_by_hand_outlives_the_database(loaded, monkeypatch):
    monkeypatch.setenv("TILLHOUSE_HOME", str(loaded.home))
    shown = CliRunner().invoke(
        main, ["identity", "merge", "crm:C2", "shop:C1", "--reason", "both cards", "--by", "kim"]
    )
    assert shown.exit_code == 0, shown.output
    decided = ask(loaded, "from identity.decision")
    loaded.raw_database.unlink()
    load(loaded)
    with duckdb.connect(str(loaded.raw_database)) as connection:
        resolve_identities(connection, seeds=loaded.dbt_project / "seeds", now=datetime(2026, 2, 1))
    assert ask(loaded, "from identity.decision") == decided
    assert ask(
        loaded,
        "select source_system, source_id, rule from identity.xref_customer_identity "
        "where unlinked_at is null "
        "qualify count(*) over (partition by customer_id) > 1 order by all",
    ) == [("crm", "C2", "own number"), ("shop", "C1", "manual merge")]
    run(loaded, "C2")
    assert ask(loaded, f"from '{loaded.kept}/decision.parquet'") == [], "who is erased is in none"


def test_a_house_that_erased_nobody_keeps_nothing(loaded):
    assert not loaded.kept.exists()


def test_a_file_is_written_whole_or_not_at_all(loaded, monkeypatch):
    hold(loaded, "C2", reason="law suit 7", until=date(2099, 1, 1))
    kept = (loaded.kept / "legal_hold.parquet").read_bytes()

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.replace", stop)
        with pytest.raises(KeyboardInterrupt):
            hold(loaded, "P3", reason="law suit 8", until=date(2099, 1, 1))
    assert (loaded.kept / "legal_hold.parquet").read_bytes() == kept
    loaded.raw_database.unlink()
    load(loaded)
    assert ask(loaded, "select customer from privacy.legal_hold") == [("C2",)]


def test_the_log_of_a_request_says_what_was_done_and_names_nobody(loaded):
    hold(loaded, "C2", reason="law suit 7", until=date(2099, 1, 1))
    with pytest.raises(LegalHold, match="law suit 7"):
        run(loaded, "P2")
    run(loaded.model_copy(update={"backup_days": 10}))
    today, held = datetime.now(UTC).date(), "legal hold until 2099-01-01: law suit 7"
    assert ask(loaded, "from privacy.erasure_request order by request_id") == [
        ("E000001", today, None, "refused", held, 0, 0, 0, 0, None),
        # A customer, a parent's reference, a sale and a touch; the mail of an alert.
        ("E000002", today, today, "erased", "test", 4, 5, 4, 0, today + timedelta(days=10)),
    ]  # fmt: skip


def test_a_reason_that_says_who_asks_is_refused(loaded):
    for reason in ("C1 asked", "letter of Kim@Example.org", "customer P1, by mail"):
        with pytest.raises(ReasonNamesPerson):
            erase(loaded, "P1", reason=reason, rebuild=lambda: None)
    assert ask(loaded, "select count(*) from privacy.erasure") == [(0,)]
    erase(loaded, "P1", reason="letter of 3 March, call 030 123456", rebuild=lambda: None)
    assert ask(loaded, "select reason from privacy.erasure_request") == [
        ("letter of 3 March, call [contact]",)
    ]


def test_a_hold_that_has_ended_does_not_go_on_naming_who_is_erased(loaded):
    hold(loaded, "P1", reason="law suit 7", until=date(2020, 1, 1))
    run(loaded)
    assert ask(loaded, "select count(*) from privacy.legal_hold") == [(0,)]
    load(loaded)
    assert ask(loaded, "select count(*) from privacy.legal_hold") == [(0,)]


def test_the_proof_of_a_consent_outlives_the_person_and_the_database(consenting, monkeypatch):
    run(consenting)
    left = "select count(*) from feeds.crm_consent where proof_ref is not null"
    assert ask(consenting, left) == [(1,)]
    consenting.raw_database.unlink()
    load(consenting)
    monkeypatch.setenv("TILLHOUSE_HOME", str(consenting.home))
    shown = CliRunner().invoke(main, ["privacy", "proof", "crm:C1", "--by", "kim@example.org"])
    assert shown.exit_code == 0, shown.output
    rows = [json.loads(line) for line in shown.output.splitlines()]
    assert [(row["purpose"], row["channel"], row["status"], row["proof_ref"]) for row in rows] == [
        ("marketing", "email", "granted", "form 17"),
        ("marketing", "phone", "granted", None),
        ("profiling", "email", "withdrawn", None),
    ]
    assert rows[0] | {"purpose": ""} == {
        "purpose": "", "channel": "email", "event_ts": "2026-01-02 09:00:00", "status": "granted",
        "legal_basis": "consent", "proof_ref": "form 17", "policy_version": "v3",
    }  # fmt: skip
    assert ask(
        consenting, "select kind, accessed_by, table_count, row_count from privacy.access"
    ) == [("consent proof", "[contact]", 1, 3)]
    nobody = CliRunner().invoke(main, ["privacy", "proof", "crm:C2"])
    assert nobody.exit_code == 1
    assert "no consent is kept of an erased record crm:C2" in nobody.output


def test_who_exports_is_logged(loaded, tmp_path):
    counts = export_person(loaded, "P1", tmp_path / "out", accessed_by="office")
    ((kind, by, tables, rows),) = ask(
        loaded, "select kind, accessed_by, table_count, row_count from privacy.access"
    )
    assert (kind, by, tables, rows) == ("export", "office", len(counts), sum(counts.values()))
    assert rows >= tables > 3


def test_a_log_of_an_earlier_release_is_read_back(loaded):
    """Its files lack the columns that came later."""
    run(loaded)
    path = loaded.kept / "erasure.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"create table old as select * exclude (request_id, build_count) from '{path}'"
        )
        connection.execute(f"copy old to '{path}' (format parquet)")
    loaded.raw_database.unlink()
    with duckdb.connect(str(loaded.raw_database)) as connection:
        create_tables(connection)
    load(loaded)
    assert ask(loaded, "select count(*) > 5, count(request_id) from privacy.erasure") == [(True, 0)]
