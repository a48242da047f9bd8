"""Erases a person from the whole house, step by step; a run that was stopped goes on where it was.

What was sold stays, under the erased member: no total moves. Each step ends with a line in
`privacy.erasure`, and doing a step again changes nothing.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb

from pipelines.feeds.mapping import load_mappings
from pipelines.feeds.raw_tables import create_tables
from pipelines.privacy import scrub, tombstones
from pipelines.privacy.compact import write_anew
from pipelines.privacy.gone import Gone
from pipelines.privacy.key import HashKey, PrivacyKeyMissing, require_key
from pipelines.privacy.landed import FilesUnreadable, rewritten_files
from pipelines.privacy.person import Person, UnknownCustomer, find_person
from pipelines.privacy.plan import (
    Plan,
    customer_hash,
    done_steps,
    note,
    plan_path,
    read_plan,
    write_plan,
)
from pipelines.privacy.traces import find_traces
from pipelines.publishing.builds import current_build, remove_old
from pipelines.settings import Settings
from pipelines.sql import transaction
from pipelines.warehouse.state import withdraw

SOURCE_PRIORITY = Path("seeds") / "source_priority.csv"


class LegalHold(RuntimeError):
    """The person's data must be kept for now; the message says why and until when."""


class ErasureUnfinished(RuntimeError):
    """A step could not be done; the message says what stands in the way. Run it again then."""


def erase(
    settings: Settings,
    customer: str,
    *,
    reason: str,
    rebuild: Callable[[], str | None],
    on_step: Callable[[str], None] = lambda step: None,
) -> None:
    """Erase a person: rows, quarantine, landed files, warehouse and published builds.

    The caller holds the writer's lock.

    Args:
        settings: The house.
        customer: The person's number, the warehouse's or a source's.
        reason: Why, for the log.
        rebuild: Builds and publishes the warehouse; says in words what stopped it.
        on_step: Called with the name of each step before it begins.

    Raises:
        PrivacyKeyMissing: Without a key nobody could be kept out of later deliveries.
        UnknownCustomer: When nothing names this person.
        LegalHold: When the data must be kept.
        ErasureUnfinished: When something remains; the message says where.
    """
    with _connect(settings) as connection:
        key = require_key(connection, settings.privacy_key)
        if key is None:
            raise PrivacyKeyMissing(
                "an erased person is kept out of later deliveries by keyed hashes: set "
                "TILLHOUSE_PRIVACY_KEY"
            )
        hashed = customer_hash(connection, key, customer)
        path = plan_path(settings.work, hashed)
        plan = read_plan(path)
        if plan is None:
            plan = _begin(connection, settings, customer, hashed, reason)
            write_plan(path, plan)
        done = done_steps(connection, hashed)

    def step(name: str, act: Callable[[], None]) -> None:
        if name in done:
            return
        on_step(name)
        try:
            act()
        except FilesUnreadable:
            # The verification names them; the next run looks again.
            return
        with _connect(settings) as own:
            note(own, hashed, name, None)

    person = plan.person
    step("tombstones", lambda: _write_tombstones(settings, key, person))
    gone = _as_files_name(settings, key, person)
    step("landed files", lambda: _rewrite_landed(settings, gone))
    step("rows", lambda: _scrub_rows(settings, key, person))
    step("raw.duckdb", lambda: _write_anew(settings))
    step("warehouse", lambda: _rebuild(settings, rebuild))
    step("published builds", lambda: _remove_builds(settings))
    on_step("verification")
    _verify(settings, person, gone, path)
    with _connect(settings) as connection:
        note(connection, hashed, "verified", None)
    path.unlink()


def hold(settings: Settings, customer: str, *, reason: str, until: date) -> None:
    """Keep a person's data until a day, whatever is asked for."""
    with _connect(settings) as connection:
        connection.execute(
            "insert into privacy.legal_hold values (?, ?, ?, now())", [customer, reason, until]
        )


def _connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(settings.raw_database))
    create_tables(connection)
    return connection


def _begin(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    customer: str,
    hashed: str,
    reason: str,
) -> Plan:
    try:
        person = find_person(connection, customer, settings.dbt_project / SOURCE_PRIORITY)
    except UnknownCustomer as error:
        ((erased_at,),) = connection.execute(
            "select max(done_at) from privacy.erasure "
            "where customer_hash = ? and step = 'verified'",
            [hashed],
        ).fetchall()
        if erased_at:
            raise UnknownCustomer(f"{customer} was erased on {erased_at.date()}") from error
        raise
    held = connection.execute(
        "select reason, until_date from privacy.legal_hold "
        "where until_date >= current_date and list_contains(?, customer) order by 2 desc",
        [sorted(person.names)],
    ).fetchall()
    if held:
        why = f"legal hold until {held[0][1]}: {held[0][0]}"
        note(connection, hashed, "refused", why)
        raise LegalHold(why)
    note(connection, hashed, "begun", reason)
    return Plan(person=person)


def _write_tombstones(settings: Settings, key: HashKey, person: Person) -> None:
    with _connect(settings) as connection:
        # Who was erased before may stand in files that nobody looked through yet.
        tombstones.keep_out(connection, settings.privacy_key)
        scrub.prepare(connection, person, key)
        with transaction(connection):
            tombstones.write_tombstones(connection, key)
            tombstones.mark_looked_through(connection)


def _as_files_name(settings: Settings, key: HashKey, person: Person) -> Gone:
    with _connect(settings) as connection:
        scrub.prepare(connection, person, key)
        records = connection.execute("from erased_record").fetchall()
        references = connection.execute("from erased_reference").fetchall()
    return Gone(
        records={(system, number): token for system, number, token in records},
        references=dict(references),
        contacts=frozenset(contact.lower() for contact in person.contacts),
        cards=frozenset(person.cards),
    )


def _rewrite_landed(settings: Settings, gone: Gone) -> None:
    mappings = load_mappings(settings.mappings)
    for file in rewritten_files(settings.landing, mappings, gone):
        # The ledger first: a stop between the two leaves a file that the next run writes the same.
        with _connect(settings) as connection:
            connection.execute(
                "update ledger.file set size_bytes = $size, sha256 = case when sha256 is not null "
                "then $sha256 end where file_name = $name and modified_ns = $modified",
                {
                    "size": file.size_bytes,
                    "sha256": file.sha256,
                    "name": file.name,
                    "modified": file.path.stat().st_mtime_ns,
                },
            )
        file.take_place()


def _scrub_rows(settings: Settings, key: HashKey, person: Person) -> None:
    with _connect(settings) as connection:
        scrub.prepare(connection, person, key)
        with transaction(connection):
            scrub.scrub_feeds(connection, key)
            connection.execute(
                "delete from privacy.customer_contact where (source_system, source_id) in "
                "(select (source_system, source_id) from erased_record)"
            )
            _unlink(connection, person)


def _unlink(connection: duckdb.DuckDBPyConnection, person: Person) -> None:
    """Forget who the person's records were thought to be; the next run resolves the others anew."""
    gone = "in (select (source_system, source_id) from erased_record)"
    for table, pairs in {
        "xref_customer_identity": ["(source_system, source_id)"],
        "decision": ["(left_system, left_id)", "(right_system, right_id)"],
    }.items():
        named = " or ".join(f"{pair} {gone}" for pair in pairs)
        connection.execute(f"delete from identity.{table} where {named}")
    for table in ("xref_customer_identity", "household"):
        connection.execute(
            f"delete from identity.{table} where list_contains(?, customer_id)",
            [list(person.customer_ids)],
        )


def _write_anew(settings: Settings) -> None:
    withdraw(settings.warehouse_database)
    write_anew(settings.raw_database)


def _rebuild(settings: Settings, rebuild: Callable[[], str | None]) -> None:
    withdraw(settings.warehouse_database)
    if why := rebuild():
        raise ErasureUnfinished(f"the warehouse could not be built without the person: {why}")


def _remove_builds(settings: Settings) -> None:
    if current_build(settings.published):
        remove_old(settings.published, keep_builds=1)


def _verify(settings: Settings, person: Person, gone: Gone, path: Path) -> None:
    if found := find_traces(settings, person, gone, plan=path):
        raise ErasureUnfinished("the person is still found:\n" + "\n".join(f"- {f}" for f in found))
