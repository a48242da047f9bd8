"""Erases a person from the whole house, step by step; a run that was stopped goes on where it was.

What was sold stays, under the erased member: no total moves. Each step ends with a line in
`privacy.erasure`, and doing a step again changes nothing.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.feeds.kept import keep, open_raw
from pipelines.feeds.mapping import load_mappings
from pipelines.privacy import scrub, tombstones
from pipelines.privacy.compact import write_anew
from pipelines.privacy.consent_proof import keep_proof
from pipelines.privacy.expiry import release_held
from pipelines.privacy.gone import Gone
from pipelines.privacy.key import HashKey, PrivacyKeyMissing, require_key
from pipelines.privacy.landed import FilesUnreadable, rewritten_files
from pipelines.privacy.landed_ledger import tell_ledger
from pipelines.privacy.landed_manifest import say_anew
from pipelines.privacy.legal_hold import bind_holds, forget_holds, hold_on
from pipelines.privacy.person import SOURCE_PRIORITY, Person, UnknownCustomer, find_person
from pipelines.privacy.plan import (
    Log,
    Note,
    Plan,
    customer_hash,
    done_steps,
    next_request_id,
    plan_path,
    waiting_plans,
    write_note,
    write_plan,
)
from pipelines.privacy.reason import ReasonNamesPerson, names_person
from pipelines.privacy.traces import find_traces
from pipelines.privacy.whole_words import holds_any
from pipelines.publishing.builds import current_build, old_builds, remove_old
from pipelines.redaction import mask
from pipelines.settings import Settings
from pipelines.sql import transaction
from pipelines.warehouse.state import withdraw
from pipelines.warehouse.target import refuse_spark

BEGUN, REFUSED, VERIFIED = "begun", "refused", "verified"
BUILDS_COUNTED, BUILDS_REMOVED = "builds to remove", "published builds"
"""Steps of the log that others read."""


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
        reason: Why, for the log, which is published.
        rebuild: Builds and publishes the warehouse; says in words what stopped it.
        on_step: Called with the name of each step before it begins.

    Raises:
        PrivacyKeyMissing: Without a key nobody could be kept out of later deliveries.
        UnknownCustomer: When nothing names this person.
        LegalHold: When the data must be kept.
        ReasonNamesPerson: When the reason says who asks.
        ErasureUnfinished: When something remains; the message says where.
        TargetIsSpark: When the warehouse is not a file of the house; nothing is done then.
    """
    refuse_spark(settings)
    with open_raw(settings) as connection:
        key = require_key(connection, settings.privacy_key)
        if key is None:
            raise PrivacyKeyMissing(
                "an erased person is kept out of later deliveries by keyed hashes: set "
                "TILLHOUSE_PRIVACY_KEY"
            )
        plan = _plan(connection, settings, key, customer, reason)
        person = plan.person
        hashed = customer_hash(connection, key, person.customer)
        path = plan_path(settings.work, hashed)
        write_plan(path, plan)
        log = Log(plan.request_id, hashed)
        done = done_steps(connection, plan.request_id)
        steps = _Steps(settings, log, done, on_step)
        if BEGUN not in done:
            steps.note(connection, Note(step=BEGUN, reason=mask(reason)))
        steps.do(
            "tombstones", lambda: _write_tombstones(connection, settings, key, person), connection
        )
        scrub.prepare(connection, person, key)
        gone = _as_files_name(connection, person)
        steps.do(
            "landed files", lambda: _rewrite_landed(connection, settings, gone, log), connection
        )
        steps.do("rows", lambda: _scrub_rows(connection, key, person, log), connection)
    # These two put another file in the place of raw.duckdb, and open it themselves.
    steps.do("raw.duckdb", lambda: _write_anew(settings))
    steps.do("warehouse", lambda: _rebuild(settings, rebuild))
    with open_raw(settings) as connection:
        # Counted before the first of them goes: a run that was stopped has removed some already.
        steps.do(BUILDS_COUNTED, lambda: _count_builds(settings), connection)
        steps.do(BUILDS_REMOVED, lambda: _remove_builds(settings), connection)
    on_step("verification")
    _verify(settings, person, gone, path)
    expiry = datetime.now(UTC).date() + timedelta(days=settings.backup_days)
    with open_raw(settings) as connection:
        write_note(connection, log, Note(step=VERIFIED, backup_expiry_date=expiry))
    path.unlink()


@dataclass(frozen=True)
class _Steps:
    """The steps of a request: what is done already, and where it is noted."""

    settings: Settings
    log: Log
    done: Collection[str]
    on_step: Callable[[str], None]

    def do(
        self,
        name: str,
        act: Callable[[], Note | None],
        connection: duckdb.DuckDBPyConnection | None = None,
    ) -> None:
        """Do a step that is not done yet, and note it; without a connection by one of its own."""
        if name in self.done:
            return
        self.on_step(name)
        try:
            note = act() or Note(step=name)
        except FilesUnreadable:
            # The verification names them; the next run looks again.
            return
        if connection:
            self.note(connection, note)
            return
        with open_raw(self.settings) as own:
            write_note(own, self.log, note)

    def note(self, connection: duckdb.DuckDBPyConnection, note: Note) -> None:
        """Add a line to the log, and keep it beside raw.duckdb before the next step begins."""
        write_note(connection, self.log, note)
        keep(connection, self.settings.kept)


def _plan(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    key: HashKey,
    customer: str,
    reason: str,
) -> Plan:
    """The plan that waits under any of the person's numbers, or a new one."""
    waiting = waiting_plans(settings.work)
    for plan in waiting:
        if customer in plan.person.own_names:
            return plan
    bind_holds(connection, settings.dbt_project / SOURCE_PRIORITY)
    hashed = customer_hash(connection, key, customer)
    try:
        person = find_person(connection, customer, settings.dbt_project / SOURCE_PRIORITY)
    except UnknownCustomer as error:
        # A number that somebody else had too, so that it was not the person's alone.
        for plan in waiting:
            if customer in plan.person.names:
                return plan
        ((erased_at,),) = connection.execute(
            "select max(done_at) from privacy.erasure where customer_hash = ? and step = ?",
            [hashed, VERIFIED],
        ).fetchall()
        if erased_at:
            raise UnknownCustomer(f"{customer} was erased on {erased_at.date()}") from error
        raise
    return _begin(connection, person, hashed, reason)


def _begin(connection: duckdb.DuckDBPyConnection, person: Person, hashed: str, reason: str) -> Plan:
    request_id = next_request_id(connection)
    held = hold_on(connection, person)
    if held:
        why = f"legal hold until {held.until_date}: {held.reason}"
        told = why.partition(":")[0] if names_person(connection, why, person) else mask(why)
        write_note(connection, Log(request_id, hashed), Note(step=REFUSED, reason=told))
        raise LegalHold(why)
    if names_person(connection, reason, person):
        raise ReasonNamesPerson
    return Plan(request_id=request_id, person=person)


def _write_tombstones(
    connection: duckdb.DuckDBPyConnection, settings: Settings, key: HashKey, person: Person
) -> None:
    # Who was erased before may stand in files that nobody looked through yet.
    tombstones.keep_out(connection, settings)
    scrub.prepare(connection, person, key)
    with transaction(connection):
        tombstones.write_tombstones(connection, key)
        tombstones.mark_looked_through(connection)


def _as_files_name(connection: duckdb.DuckDBPyConnection, person: Person) -> Gone:
    """Whom `scrub.prepare` named."""
    records = connection.execute("from erased_record").fetchall()
    references = connection.execute("from erased_reference").fetchall()
    return Gone(
        records={(system, number): token for system, number, token in records},
        references=dict(references),
        contacts=frozenset(contact.lower() for contact in person.contacts),
        cards=frozenset(person.cards),
    )


def _rewrite_landed(
    connection: duckdb.DuckDBPyConnection, settings: Settings, gone: Gone, log: Log
) -> None:
    mappings = load_mappings(settings.mappings)
    for file in rewritten_files(settings.landing, mappings, gone):
        # Manifest and ledger first: a stop leaves a file that the next run writes the same.
        say_anew(file.path, sha256=file.sha256)
        with transaction(connection):
            if tell_ledger(connection, file):
                write_note(connection, log, Note(step="a landed file", file_count=1))
        file.take_place()


def _scrub_rows(
    connection: duckdb.DuckDBPyConnection, key: HashKey, person: Person, log: Log
) -> None:
    """Take out whom `scrub.prepare` named."""
    with transaction(connection):
        keep_proof(connection, key)
        connection.execute(
            "update privacy.consent_proof set proof_ref = null "
            f"where {holds_any('lower(proof_ref)', person.contacts)}"
        )
        changed = scrub.scrub_feeds(connection, key)
        counts = Note(
            step="rows of feeds", table_count=len(changed), row_count=sum(changed.values())
        )
        write_note(connection, log, counts)
        forget_holds(connection, person)
        connection.execute(
            "delete from privacy.customer_contact where (source_system, source_id) in "
            "(select (source_system, source_id) from erased_record)"
        )
        connection.execute(
            "delete from retention.acquisition "
            "where customer_ref in (select reference from erased_reference)"
        )
        release_held(connection)
        scrub.unlink(connection, person.customer_ids)


def _write_anew(settings: Settings) -> None:
    withdraw(settings.warehouse_database)
    write_anew(settings.raw_database)


def _rebuild(settings: Settings, rebuild: Callable[[], str | None]) -> None:
    withdraw(settings.warehouse_database)
    if why := rebuild():
        raise ErasureUnfinished(f"the warehouse could not be built without the person: {why}")


def _count_builds(settings: Settings) -> Note:
    is_published = current_build(settings.published) is not None
    old = old_builds(settings.published, keep_builds=1) if is_published else []
    return Note(step=BUILDS_COUNTED, build_count=len(old))


def _remove_builds(settings: Settings) -> None:
    if current_build(settings.published):
        remove_old(settings.published, keep_builds=1)


def _verify(settings: Settings, person: Person, gone: Gone, path: Path) -> None:
    if found := find_traces(settings, person, gone, plan=path):
        raise ErasureUnfinished("the person is still found:\n" + "\n".join(f"- {f}" for f in found))
