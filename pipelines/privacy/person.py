"""Who a person is in raw.duckdb: their source records, and the numbers that facts know them by."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.feeds.contact_forms import WITH_CALLING_CODE, normalised_mail, normalised_phone
from pipelines.feeds.contract import load_contracts
from pipelines.feeds.erased import is_erased
from pipelines.identity.records import minted_id
from pipelines.sql import fetch_one, literal

SOURCE_PRIORITY = Path("seeds") / "source_priority.csv"
"""Where the rank of source systems stands, below the dbt project."""

LEAD = "lead"
"""The system under which the ledger knows leads."""

REFERENCE = "reference"
"""The system under which the ledger knows numbers on facts that no record has."""

_LEAD_NUMBER = "$lead || '|' || source_id"


class UnknownCustomer(LookupError):
    """No record and no fact names this customer, or a number that several people have."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """What a person is known by.

    Attributes:
        customer: The number that was asked for.
        customer_ids: Numbers in the warehouse, but for one that is made of a lead's.
        records: Source system and number of each source record.
        references: Numbers by which facts name this person and nobody else.
        contacts: Mail addresses and phone numbers that no record of somebody else bears, as
            delivered.
        cards: Tokens of payment cards with which no other known customer has paid.
    """

    customer: str
    customer_ids: tuple[str, ...]
    records: tuple[tuple[str, str], ...]
    references: tuple[str, ...]
    contacts: tuple[str, ...]
    cards: tuple[str, ...] = ()

    @property
    def identifiers(self) -> frozenset[str]:
        """What names this person and nobody else, as tombstones hash it."""
        return frozenset(
            (
                *(f"record|{system}|{number}" for system, number in self.records),
                *(f"reference|{reference}" for reference in self.references),
            )
        )

    @property
    def own_names(self) -> frozenset[str]:
        """Numbers by which this person and nobody else is meant."""
        return frozenset((self.customer, *self.customer_ids, *self.references))

    @property
    def names(self) -> frozenset[str]:
        """Every number that may name this person."""
        return self.own_names | {number for _, number in self.records}


def find_person(connection: duckdb.DuckDBPyConnection, customer: str, priorities: Path) -> Person:
    """Find a person by the warehouse's number, or by a source's.

    Args:
        connection: A connection on raw.duckdb.
        customer: The number.
        priorities: The seed of source systems: a bare number on a fact means the first of several
            systems that have it.

    Raises:
        UnknownCustomer: When nothing names it, or it stands for several people.
    """
    linked = connection.execute(
        "select distinct customer_id from identity.xref_customer_identity "
        "where unlinked_at is null and (customer_id = $1 or source_id = $1) "
        "order by customer_id <> $1, 1",
        [customer],
    ).fetchall()
    ids = [row[0] for row in linked]
    if ids and ids[0] == customer:
        ids = ids[:1]
    if len(ids) > 1:
        raise UnknownCustomer(
            f"{customer} is the number of {len(ids)} people, in different systems; say which: "
            + ", ".join(ids)
        )
    if ids:
        records = _linked_records(connection, ids[0])
        references = _first_claims(connection, ids[0], priorities)
    else:
        references = _bare_references(connection, customer)
        records = _bare_records(connection, references or [customer])
    if not records and not references:
        raise UnknownCustomer(f"no record and no fact names a customer {customer}")
    return Person(
        customer=customer,
        customer_ids=tuple(number for number in ids if not _is_lead(connection, number)),
        records=tuple(records),
        references=tuple(references),
        contacts=tuple(_contacts(connection, records)),
        cards=tuple(_cards(connection, references)),
    )


def _linked_records(
    connection: duckdb.DuckDBPyConnection, customer_id: str
) -> list[tuple[str, str]]:
    rows = connection.execute(
        "select distinct source_system, source_id from identity.xref_customer_identity "
        "where unlinked_at is null and customer_id = ? and source_system <> ? order by all",
        [customer_id, LEAD],
    ).fetchall()
    return [(system, number) for system, number in rows]


def _is_lead(connection: duckdb.DuckDBPyConnection, customer_id: str) -> bool:
    """Whether a customer has the number of a lead, which is a document and stays."""
    (count,) = fetch_one(
        connection,
        "select count(*) from identity.xref_customer_identity where source_system = $lead "
        f"and $customer_id in ({minted_id('source_id')}, {minted_id(_LEAD_NUMBER)})",
        {"lead": LEAD, "customer_id": customer_id},
    )
    return bool(count)


def _first_claims(
    connection: duckdb.DuckDBPyConnection, customer_id: str, priorities: Path
) -> list[str]:
    """Numbers of the customer's records that no other customer's earlier system has too."""
    with priorities.open(encoding="utf-8", newline="") as file:
        order = {row["source_system"]: int(row["priority"]) for row in csv.DictReader(file)}
    rows = connection.execute(
        """
        select source_id
        from identity.xref_customer_identity
        left join (select unnest($systems) as source_system, unnest($priorities) as priority)
            using (source_system)
        where unlinked_at is null and source_system <> $lead
        group by source_id
        having arg_min(
            customer_id,
            (coalesce(priority, 2147483647), source_system, customer_id)
        ) = $customer_id
        order by 1
        """,
        {
            "systems": list(order),
            "priorities": list(order.values()),
            "customer_id": customer_id,
            "lead": LEAD,
        },
    ).fetchall()
    return [row[0] for row in rows]


def _bare_references(connection: duckdb.DuckDBPyConnection, customer: str) -> list[str]:
    """Numbers on rows that are the customer's, or of which the customer's number is made."""
    parts = [
        f"select {column.name} as number from {contract.table} "
        f"where {column.name} = $1 or {minted_id(column.name)} = $1"
        for contract in load_contracts().values()
        for column in contract.customer_columns
    ]
    rows = connection.execute(
        f"select distinct number from ({' union all '.join(parts)}) order by 1", [customer]
    ).fetchall()
    return [row[0] for row in rows]


def _bare_records(
    connection: duckdb.DuckDBPyConnection, numbers: Sequence[str]
) -> list[tuple[str, str]]:
    parts = [
        f"select source_system, source_customer_id from {contract.table} "
        "where source_customer_id in (select unnest($1))"
        for contract in load_contracts().values()
        if contract.record_column
    ]
    rows = connection.execute(
        f"select distinct * from ({' union all '.join(parts)}) order by all", [list(numbers)]
    ).fetchall()
    return [(system, number) for system, number in rows]


def _contacts(
    connection: duckdb.DuckDBPyConnection, records: Sequence[tuple[str, str]]
) -> list[str]:
    """Contacts that records of the person ever had, but for those that other records had too."""
    if not records:
        return []
    pairs = ", ".join(f"({literal(system)}, {literal(number)})" for system, number in records)
    rows = connection.execute(
        f"""
        with delivered as (
            select
                (source_system, source_customer_id) in ({pairs}) as is_own,
                unnest([
                    {{'text': trim(email), 'form': {normalised_mail("email")}}},
                    {{
                        'text': trim(phone),
                        'form': {normalised_phone("phone", "calling_code", "trunk_prefix")}
                    }}
                ], recursive := true)
            from feeds.crm_customer as customer
            {WITH_CALLING_CODE}
        ),
        -- As it is written and as it is dialled: either may be somebody else's.
        borne as (
            select is_own, text, unnest([lower(text), form]) as alike
            from delivered where text <> ''
        )
        select own.text
        from borne as own
        left join (select distinct alike from borne where not is_own) as others using (alike)
        where own.is_own
        group by own.text
        having count(others.alike) = 0
        order by 1
        """
    ).fetchall()
    return [row[0] for row in rows]


def _cards(connection: duckdb.DuckDBPyConnection, references: Sequence[str]) -> list[str]:
    """Tokens of cards on the person's receipts, but for those on receipts of somebody else too."""
    parts = [
        f"select card_row.{card.name} as token, receipt_row.{column.name} as reference "
        f"from {cards.table} as card_row inner join {receipts.table} as receipt_row "
        f"using ({', '.join(cards.corrected_by)})"
        for cards in load_contracts().values()
        for card in cards.card_columns
        for receipts in load_contracts().values()
        # What a correction replaces as a whole is a receipt, and its parts belong together.
        if receipts.corrected_by == cards.corrected_by
        for column in receipts.customer_columns
    ]
    rows = connection.execute(
        f"select token from ({' union all '.join(parts)}) "
        f"where token is not null and reference is not null and not {is_erased('token')} "
        "group by token having bool_and(list_contains($references, reference)) order by 1",
        {"references": list(references)},
    ).fetchall()
    return [row[0] for row in rows]
