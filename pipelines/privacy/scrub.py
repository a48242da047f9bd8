"""Takes people out of the typed rows: what names them goes, what was sold stays.

Where a customer is no part of a row's key, the reference becomes `erased`. Where it is, it becomes
a token of its own, made of the tombstone: two people erased from one campaign stay two rows, and a
row that is delivered again still repeats the one that was erased.
"""

from collections.abc import Sequence

import duckdb

from pipelines.feeds.contact_forms import WITH_CALLING_CODE, normalised_mail, normalised_phone
from pipelines.feeds.contract import Contract, load_contracts
from pipelines.feeds.erased import ERASED, TOKEN_PREFIX
from pipelines.identity.records import NAME_MACROS
from pipelines.privacy.bearers import FACTS_OF_RECORD, bearer_hashes
from pipelines.privacy.key import HashKey, keyed_hash
from pipelines.privacy.person import Person
from pipelines.sql import fetch_one

RECORD = "'record|' || source_system || '|' || source_id"
REFERENCE = "'reference|' || reference"
CARD = "'card|' || card_token"
"""SQL of what is hashed for a tombstone."""

PERSONAL = ("name", "contact", "address", "quasi_identifier", "health")

TEMPORARY = """
create or replace temp table erased_record (source_system text, source_id text, token text);
create or replace temp table erased_reference (reference text, token text);
create or replace temp table erased_contact (contact_hash text);
create or replace temp table erased_bearer (bearer_hash text);
create or replace temp table erased_card (card_token text);
"""
"""SQL that creates, empty, what says who is to be erased."""

_IS_OWN = """
    (source_system, source_customer_id) in (select (source_system, source_id) from erased_record)
"""

_OWN_CONTACTS = f"""
    select unnest([
        case when list_contains($contacts, trim(email)) then {normalised_mail("email")} end,
        case
            when list_contains($contacts, trim(phone))
                then {normalised_phone("phone", "calling_code", "trunk_prefix")}
        end
    ]) as form
    from feeds.crm_customer as customer
    {WITH_CALLING_CODE}
    where {_IS_OWN}
"""
"""Contacts of the person's records in the form in which systems' can be compared."""


def token(identifier_hash: str) -> str:
    """SQL: what stands in a key for an erased customer."""
    return f"'{TOKEN_PREFIX}' || substr({identifier_hash}, 1, 12)"


def prepare(connection: duckdb.DuckDBPyConnection, person: Person, key: HashKey) -> None:
    """Write the temporary tables that say who is to be erased: one person."""
    connection.execute(TEMPORARY)
    connection.execute(
        f"""
        insert into erased_record
        select source_system, source_id, {token(keyed_hash(RECORD))}
        from (select unnest($systems) as source_system, unnest($numbers) as source_id)
        """,
        {
            **key.values,
            "systems": [system for system, _ in person.records],
            "numbers": [number for _, number in person.records],
        },
    )
    connection.execute(
        f"""
        insert into erased_reference
        select reference, {token(keyed_hash(REFERENCE))}
        from (select unnest($references) as reference)
        """,
        {**key.values, "references": list(person.references)},
    )
    connection.execute(
        f"""
        insert into erased_contact
        select distinct unnest([{keyed_hash(normalised_mail("contact"))},
            {keyed_hash(normalised_phone("contact", "null", "null"))}])
        from (select unnest($contacts) as contact)
        union
        select {keyed_hash("form")} from ({_OWN_CONTACTS})
        """,
        {**key.values, "contacts": list(person.contacts)},
    )
    connection.execute(NAME_MACROS)
    # What one record says of the person counts for the contacts of all.
    connection.execute(
        f"""
        insert into erased_bearer
        select distinct bearer_hash
        from (
            select unnest({bearer_hashes()}) as bearer_hash
            from (select distinct form from ({_OWN_CONTACTS}) where form is not null)
            cross join (
                select distinct {FACTS_OF_RECORD} from feeds.crm_customer where {_IS_OWN}
            )
        )
        where bearer_hash is not null
        """,
        {**key.values, "contacts": list(person.contacts)},
    )
    connection.execute("delete from erased_contact where contact_hash is null")
    connection.execute("insert into erased_card select unnest($1)", [list(person.cards)])


def scrub_feeds(
    connection: duckdb.DuckDBPyConnection, key: HashKey, *, after_file: int = 0
) -> dict[str, int]:
    """Take whoever the temporary tables name out of every feed.

    Args:
        connection: A writing connection on raw.duckdb, in a transaction.
        key: The key.
        after_file: Rows of files up to this one are not looked at.

    Returns:
        Changed rows by feed, where there are any.
    """
    changed = {}
    for contract in load_contracts().values():
        count = sum(
            _count(connection, statement, {**parameters, "after_file": after_file})
            for statement, parameters in _statements(contract, key)
        )
        if count:
            changed[contract.feed] = count
    _count(connection, _QUARANTINE, {**key.values, "after_file": after_file})
    return changed


def _count(connection: duckdb.DuckDBPyConnection, statement: str, values: dict[str, object]) -> int:
    (count,) = fetch_one(connection, statement, values)
    return int(count)


def _statements(contract: Contract, key: HashKey) -> list[tuple[str, dict[str, object]]]:
    """Updates of a feed's rows, each with the parameters that it has beside `after_file`."""
    new = "_file_id > $after_file"
    blank = [c.name for c in contract.columns if not c.required and c.personal_data in PERSONAL]
    statements: list[tuple[str, dict[str, object]]] = []
    record = contract.record_column
    for column in contract.customer_columns:
        if record:
            of_record = (
                f"from erased_record as gone where {new} "
                f"and feed_row.source_system = gone.source_system "
                f"and feed_row.{column.name} = gone.source_id"
            )
            if column.name == record.name:
                # Nothing of a record is kept but that there was one: files hold its line.
                names = [c.name for c in contract.columns if not c.required and not c.key]
                sets = [f"{column.name} = gone.token", *(f"{name} = null" for name in names)]
            else:
                sets = [f"{column.name} = null"]
        else:
            of_record = (
                f"from erased_reference as gone where {new} "
                f"and feed_row.{column.name} = gone.reference"
            )
            place = "gone.token" if column.key else f"'{ERASED}'"
            sets = [f"{column.name} = {place}", *(f"{name} = null" for name in blank)]
        statements.append(
            (f"update {contract.table} as feed_row set {', '.join(sets)} {of_record}", {})
        )
    for column in contract.card_columns:
        statements.append(
            (
                f"update {contract.table} set {column.name} = '{ERASED}' where {new} "
                f"and {column.name} in (select card_token from erased_card)",
                {},
            )
        )
    contacts = [c.name for c in contract.columns if c.personal_data == "contact"]
    if not contract.customer_columns:
        for name in contacts:
            hashes = ", ".join(
                keyed_hash(text)
                for text in (normalised_mail(name), normalised_phone(name, "null", "null"))
            )
            statements.append(
                (
                    f"update {contract.table} set {name} = null where {new} and "
                    f"list_has_any([{hashes}], (select list(contact_hash) from erased_contact))",
                    key.values,
                )
            )
    return statements


def unlink(connection: duckdb.DuckDBPyConnection, customer_ids: Sequence[str] = ()) -> None:
    """Forget who the erased records were thought to be; the next run resolves the others anew.

    Args:
        connection: A writing connection on raw.duckdb, in a transaction.
        customer_ids: Numbers that the warehouse gave the person and nobody else.
    """
    gone = "in (select (source_system, source_id) from erased_record)"
    for table, pairs in {
        "xref_customer_identity": ["(source_system, source_id)"],
        "decision": ["(left_system, left_id)", "(right_system, right_id)"],
    }.items():
        named = " or ".join(f"{pair} {gone}" for pair in pairs)
        connection.execute(f"delete from identity.{table} where {named}")
    # A household bears the number of its eldest member, also on the rows of the others.
    for place, number in (
        ("xref_customer_identity", "customer_id"),
        ("household", "customer_id"),
        ("household", "'P' || substr(household_id, 2)"),
    ):
        connection.execute(
            f"delete from identity.{place} where list_contains(?, {number})", [list(customer_ids)]
        )


BETWEEN_FIELDS = "'\\\"\\s*:\\s*|[,;|\\t\\\"]'"
"""SQL of what parts the fields of a quarantined row, whatever its file's delimiter was."""

_QUARANTINE = f"""
    update quarantine.row
    set raw_text = null, reasons = regexp_replace(reasons, '''[^'']*''', '''...''', 'g')
    where file_id > $after_file and rowid in (
        select place from (
            select
                rowid as place,
                trim(unnest(string_split_regex(raw_text, {BETWEEN_FIELDS}))) as field
            from quarantine.row where file_id > $after_file
        )
        where
            field in (select reference from erased_reference)
            or field in (select source_id from erased_record)
            or field in (select card_token from erased_card)
            or {keyed_hash(normalised_mail("field"))} in (select contact_hash from erased_contact)
            or {keyed_hash(normalised_phone("field", "null", "null"))}
            in (select contact_hash from erased_contact)
    )
"""
"""Rows that were not sound are not parsed: one that names the person anywhere goes as a whole."""
