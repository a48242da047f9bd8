"""What an erasure has to do, kept beside the house until it is done.

The plan names the person in clear, because a run that goes on after a stop finds them nowhere else.
It is the last thing to be removed. `privacy.erasure` keeps what was done, by a keyed hash.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.privacy.key import HashKey, keyed_hash
from pipelines.privacy.person import Person
from pipelines.sql import fetch_one

DIRECTORY = "erasure"
"""Where plans stand, below the work directory."""

_CUSTOMER = "'customer|' || $customer"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A person to erase.

    Attributes:
        request_id: What stands for this request in the log.
        person: Who.
    """

    request_id: str
    person: Person


def customer_hash(connection: duckdb.DuckDBPyConnection, key: HashKey, customer: str) -> str:
    """What stands for a customer in the log of erasures."""
    (found,) = fetch_one(
        connection,
        f"select {keyed_hash(_CUSTOMER)}",
        {**key.values, "customer": customer},
    )
    return str(found)


def plan_path(work: Path, hashed_customer: str) -> Path:
    """Where the plan of an erasure stands while it goes on."""
    return work / DIRECTORY / f"{hashed_customer[:16]}.json"


def write_plan(path: Path, plan: Plan) -> None:
    """Write a plan for its owner's eyes alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # One name for all: a kill leaves a plan that names somebody, and the next one takes its place.
    partial = path.with_name("plan.partial")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(asdict(plan)), encoding="utf-8")
    partial.replace(path)


def waiting_plans(work: Path) -> list[Plan]:
    """The plans of erasures that were begun and are not verified, by request."""
    plans = [_read(path) for path in (work / DIRECTORY).glob("*.json")]
    return sorted(plans, key=lambda plan: plan.request_id)


def _read(path: Path) -> Plan:
    content = json.loads(path.read_text(encoding="utf-8"))
    said = content["person"]
    person = Person(
        customer=said["customer"],
        customer_ids=tuple(said["customer_ids"]),
        records=tuple((system, number) for system, number in said["records"]),
        references=tuple(said["references"]),
        contacts=tuple(said["contacts"]),
        cards=tuple(said["cards"]),
    )
    return Plan(request_id=content["request_id"], person=person)


def next_request_id(connection: duckdb.DuckDBPyConnection) -> str:
    """The number of a new request, which says nothing of the person."""
    (last,) = fetch_one(
        connection, "select coalesce(max(substr(request_id, 2)::bigint), 0) from privacy.erasure"
    )
    return f"E{last + 1:06d}"


def done_steps(connection: duckdb.DuckDBPyConnection, request_id: str) -> set[str]:
    """Steps of a request that are done."""
    rows = connection.execute(
        "select step from privacy.erasure where request_id = ?", [request_id]
    ).fetchall()
    return {row[0] for row in rows}


@dataclass(frozen=True, kw_only=True)
class Note:
    """A line of the log: a step that is done, or the erasure refused.

    Attributes:
        step: Its name.
        reason: Why the request was made or refused.
        table_count: Tables of which rows were changed.
        row_count: Rows that were changed.
        file_count: Landed files that were written anew.
        build_count: Published builds that were removed.
        backup_expiry_date: First day on which no backup of the house holds the person.
    """

    step: str
    reason: str | None = None
    table_count: int | None = None
    row_count: int | None = None
    file_count: int | None = None
    build_count: int | None = None
    backup_expiry_date: date | None = None


@dataclass(frozen=True)
class Log:
    """Whose lines of the log are written: a request's, by the keyed hash of the customer."""

    request_id: str
    customer_hash: str


def write_note(connection: duckdb.DuckDBPyConnection, log: Log, note: Note) -> None:
    """Add a line to the log."""
    connection.execute(
        "insert into privacy.erasure by name select $request_id as request_id, "
        "$customer_hash as customer_hash, now() as done_at, $step as step, $reason as reason, "
        "$table_count as table_count, $row_count as row_count, $file_count as file_count, "
        "$build_count as build_count, $backup_expiry_date as backup_expiry_date",
        {**asdict(log), **asdict(note)},
    )
