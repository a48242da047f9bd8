"""Legal holds: people whose data must be kept until a day, whatever is asked for.

A hold is on source records and on numbers that facts know the person by, not on the number that was
typed: customer numbers change when records are linked otherwise, and the hold must not end by that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.feeds.kept import open_raw
from pipelines.privacy.person import SOURCE_PRIORITY, Person, UnknownCustomer, find_person
from pipelines.privacy.reason import ReasonNamesPerson, names_person
from pipelines.settings import Settings

_REFERENCE = "reference|"
"""What an identifier begins with that is a number on facts."""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Why a person's data must be kept, and the last day of it."""

    reason: str
    until_date: date


@dataclass(frozen=True, kw_only=True)
class SetHold(Hold):
    """A hold as it was set.

    Attributes:
        customer: The number that was typed.
        is_bound: Whether it is known whose records it is on. One of an earlier release may not be,
            where nobody or more than one person has the number: it is on each of them then.
    """

    customer: str
    is_bound: bool


def hold(settings: Settings, customer: str, *, reason: str, until: date) -> None:
    """Keep a person's data until a day.

    Args:
        settings: The house.
        customer: The person's number, the warehouse's or a source's.
        reason: Why, for the log of what was refused, which is published.
        until: The last day.

    Raises:
        UnknownCustomer: When nothing names this person, or the number is several people's.
        ReasonNamesPerson: When the reason says whose data it is on.
    """
    with open_raw(settings) as connection:
        person = find_person(connection, customer, settings.dbt_project / SOURCE_PRIORITY)
        if names_person(connection, reason, person):
            raise ReasonNamesPerson
        connection.execute(
            "insert into privacy.legal_hold (customer, reason, until_date, set_at, identifiers) "
            "values (?, ?, ?, now(), ?)",
            [customer, reason, until, sorted(person.identifiers)],
        )


def holds(settings: Settings) -> list[SetHold]:
    """The holds of today, by their last day."""
    with open_raw(settings) as connection:
        bind_holds(connection, settings.dbt_project / SOURCE_PRIORITY)
        rows = connection.execute(
            "select distinct customer, reason, until_date, identifiers is not null "
            "from privacy.legal_hold where until_date >= current_date order by 3, 1, 2, 4"
        ).fetchall()
    return [
        SetHold(customer=customer, reason=reason, until_date=until_date, is_bound=is_bound)
        for customer, reason, until_date, is_bound in rows
    ]


def bind_holds(connection: duckdb.DuckDBPyConnection, priorities: Path) -> None:
    """Find whose records the holds of an earlier release are on, which knew the number alone.

    Args:
        connection: A writing connection on raw.duckdb.
        priorities: The seed of source systems, by which a number finds a person.
    """
    for customer, person in _of_number_alone(connection, priorities):
        if person:
            connection.execute(
                "update privacy.legal_hold set identifiers = ? "
                "where identifiers is null and customer = ?",
                [sorted(person.identifiers), customer],
            )


def unbound_hold_count(connection: duckdb.DuckDBPyConnection, priorities: Path) -> int:
    """How many numbers are held today that nobody or several people have; nothing is written."""
    found = _of_number_alone(connection, priorities, since="current_date")
    return sum(person is None for _, person in found)


def _of_number_alone(
    connection: duckdb.DuckDBPyConnection, priorities: Path, *, since: str = "date '0001-01-01'"
) -> Iterator[tuple[str, Person | None]]:
    """Numbers of holds that know nothing else, with whom each finds."""
    rows = connection.execute(
        "select distinct customer from privacy.legal_hold "
        f"where identifiers is null and until_date >= {since}"
    ).fetchall()
    for (customer,) in rows:
        try:
            yield customer, find_person(connection, customer, priorities)
        except UnknownCustomer:
            yield customer, None


def hold_on(connection: duckdb.DuckDBPyConnection, person: Person) -> Hold | None:
    """The hold on a person that lasts longest; None where there is none today."""
    rows = connection.execute(
        "select reason, until_date from privacy.legal_hold where until_date >= current_date "
        "and coalesce(list_has_any(identifiers, $identifiers), list_contains($names, customer)) "
        "order by until_date desc, reason limit 1",
        {"identifiers": sorted(person.identifiers), "names": sorted(person.names)},
    ).fetchall()
    return Hold(reason=rows[0][0], until_date=rows[0][1]) if rows else None


def forget_holds(connection: duckdb.DuckDBPyConnection, person: Person) -> None:
    """Remove the holds on a person, which name them."""
    connection.execute(
        "delete from privacy.legal_hold "
        "where coalesce(list_has_any(identifiers, $identifiers), list_contains($names, customer))",
        {"identifiers": sorted(person.identifiers), "names": sorted(person.own_names)},
    )


def held_names(connection: duckdb.DuckDBPyConnection, priorities: Path) -> list[tuple[str, str]]:
    """Numbers that facts may know customers under hold by, each after the customer as typed.

    Those of the day of the hold, and those of whoever its records belong to today.
    """
    bind_holds(connection, priorities)
    held = connection.execute(
        "select customer, coalesce(identifiers, [$reference || customer]) "
        "from privacy.legal_hold where until_date >= current_date",
        {"reference": _REFERENCE},
    ).fetchall()
    names: set[tuple[str, str]] = set()
    for customer, identifiers in held:
        of_today = connection.execute(
            "select distinct customer_id from identity.xref_customer_identity "
            "where unlinked_at is null and list_has_any($1, "
            "['record|' || source_system || '|' || source_id, 'reference|' || source_id])",
            [identifiers],
        ).fetchall()
        for (customer_id,) in of_today:
            try:
                person = find_person(connection, customer_id, priorities)
            except UnknownCustomer:
                continue
            names |= {(customer, name) for name in person.own_names}
        names |= {
            (customer, identifier.removeprefix(_REFERENCE))
            for identifier in identifiers
            if identifier.startswith(_REFERENCE)
        }
    return sorted(names)
