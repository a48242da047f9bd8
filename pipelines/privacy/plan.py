"""What an erasure has to do, kept beside the house until it is done.

The plan names the person in clear, because a run that goes on after a stop finds them nowhere else.
It is the last thing to be removed. `privacy.erasure` keeps what was done, by a keyed hash.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from pipelines.privacy.key import HashKey, keyed_hash
from pipelines.privacy.person import Person
from pipelines.sql import fetch_one

_CUSTOMER = "'customer|' || $customer"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A person to erase."""

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
    return work / "erasure" / f"{hashed_customer[:16]}.json"


def write_plan(path: Path, plan: Plan) -> None:
    """Write a plan for its owner's eyes alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(asdict(plan)), encoding="utf-8")
    partial.replace(path)


def read_plan(path: Path) -> Plan | None:
    """The plan of an erasure that was begun; None where there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    said = content["person"]
    person = Person(
        customer=said["customer"],
        customer_ids=tuple(said["customer_ids"]),
        records=tuple((system, number) for system, number in said["records"]),
        references=tuple(said["references"]),
        contacts=tuple(said["contacts"]),
        cards=tuple(said["cards"]),
    )
    return Plan(person=person)


def done_steps(connection: duckdb.DuckDBPyConnection, hashed_customer: str) -> set[str]:
    """Steps that are done since the last erasure of the customer began."""
    rows = connection.execute(
        """
        select step from privacy.erasure
        where customer_hash = $1 and done_at >= (
            select max(done_at) from privacy.erasure where customer_hash = $1 and step = 'begun'
        )
        """,
        [hashed_customer],
    ).fetchall()
    return {row[0] for row in rows}


def note(
    connection: duckdb.DuckDBPyConnection, hashed_customer: str, step: str, reason: str | None
) -> None:
    """Write down that a step is done, or why the erasure was refused."""
    connection.execute(
        "insert into privacy.erasure values (?, ?, ?, now())", [hashed_customer, step, reason]
    )
