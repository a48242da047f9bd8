"""Tombstones: keyed hashes by which later deliveries are known to name somebody who was erased."""

from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.feeds.contact_forms import WITH_CALLING_CODE, normalised_mail, normalised_phone
from pipelines.feeds.contract import Contract, load_contracts
from pipelines.feeds.kept import bring_back
from pipelines.feeds.raw_tables import create_tables
from pipelines.feeds.repeats import exclude_repeats
from pipelines.identity.records import NAME_MACROS
from pipelines.privacy import scrub
from pipelines.privacy.bearers import FACTS_OF_RECORD, is_same_bearer
from pipelines.privacy.consent_proof import keep_proof
from pipelines.privacy.expiry import release_held
from pipelines.privacy.key import HashKey, keyed_hash, require_key
from pipelines.privacy.later_files import rewrite_later_files
from pipelines.privacy.person import LEAD, REFERENCE
from pipelines.settings import Settings
from pipelines.sql import fetch_one, transaction


@dataclass(frozen=True, kw_only=True)
class KeptOut:
    """How many rows named somebody who was erased: new ones, and those loaded before.

    A warehouse that was built with older rows is to be built anew as a whole, see `come_back`.
    """

    row_count: int = 0
    older_row_count: int = 0


def write_tombstones(connection: duckdb.DuckDBPyConnection, key: HashKey) -> None:
    """Remember by keyed hashes whom `scrub.prepare` named, so that later deliveries are known."""
    connection.execute(
        f"""
        insert into privacy.tombstone
        select kind, identifier_hash, now() from (
            select 'record' as kind, {keyed_hash(scrub.RECORD)} as identifier_hash
            from erased_record
            union
            select 'reference', {keyed_hash(scrub.REFERENCE)} from erased_reference
            union
            select 'contact', contact_hash from erased_contact
            union
            select 'bearer', bearer_hash from erased_bearer
            union
            select 'card', {keyed_hash(scrub.CARD)} from erased_card
        )
        where (kind, identifier_hash) not in (select kind, identifier_hash from privacy.tombstone)
        """,
        key.values,
    )


def guard(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Hold that whoever was erased will be known, before any file is loaded.

    Args:
        connection: A writing connection on raw.duckdb, which may be new.
        settings: The house.

    Raises:
        PrivacyKeyMissing: When somebody was erased and there is no key.
        PrivacyKeyChanged: When it is another key.
    """
    create_tables(connection)
    bring_back(connection, settings.kept)
    (erased,) = fetch_one(connection, "select count(*) from privacy.tombstone")
    if erased:
        require_key(connection, settings.privacy_key)


def keep_out(connection: duckdb.DuckDBPyConnection, settings: Settings) -> KeptOut:
    """Take erased people out of what was loaded since the last time.

    A record under another number is the same person when it has an erased mail address or phone
    number, nothing in it contradicts what was known of the bearer, it is nobody else's by the
    ledger of identity, and it was not created after the erasure: who comes back of their own will
    is a new customer. Its number is the person's too, on facts that came before and after it.
    Landed files lose whom their rows lose.

    Args:
        connection: A writing connection on raw.duckdb.
        settings: The house, with the key that tombstones were made with; that is needed only where
            somebody was erased.

    Returns:
        What named somebody who was erased.

    Raises:
        PrivacyKeyMissing: When somebody was erased and there is no key.
        PrivacyKeyChanged: When it is another key.
    """
    (last,) = fetch_one(connection, "select coalesce(max(file_id), 0) from ledger.file")
    (seen,) = fetch_one(connection, "select coalesce(max(file_id), 0) from privacy.looked_through")
    (erased,) = fetch_one(connection, "select count(*) from privacy.tombstone")
    if last == seen or not erased:
        return KeptOut()
    key = require_key(connection, settings.privacy_key)
    if key is None:
        return KeptOut()
    with transaction(connection):
        # First of all what files will tell no more. A stop after one of them was written anew must
        # not leave rows and builds of a number that only that file knew to be the person's.
        _prepare_from_tombstones(connection, key, int(seen))
        write_tombstones(connection, key)
        (found,) = fetch_one(connection, "select count(*) from found_record")
        since = 0 if found else int(seen)
        keep_proof(connection, key, after_file=since)
        if found:
            connection.execute("delete from privacy.looked_through")
            connection.execute("insert into privacy.outdated_build values (now())")
    with transaction(connection):
        rewrite_later_files(connection, key, settings, after_file=since)
        changed = scrub.scrub_feeds(connection, key, after_file=int(seen))
        # What only now turns out to be the person's number may stand in older files too.
        older = scrub.scrub_feeds(connection, key) if found else {}
        if found and not older:
            # No build of before holds the number after all.
            connection.execute(
                "delete from privacy.outdated_build "
                "where found_at = (select max(found_at) from privacy.outdated_build)"
            )
        scrub.unlink(connection)
        if not seen:
            _forget_closed_weeks(connection, key)
        for contract in load_contracts().values():
            if contract.feed in changed | older:
                # A line that came again repeats the erased one only now.
                exclude_repeats(connection, contract, _dates(connection, contract, since))
        mark_looked_through(connection)
    return KeptOut(row_count=sum(changed.values()), older_row_count=sum(older.values()))


def mark_looked_through(connection: duckdb.DuckDBPyConnection) -> None:
    """Remember that every file of today was looked through."""
    connection.execute("delete from privacy.looked_through")
    connection.execute("insert into privacy.looked_through select max(file_id) from ledger.file")


def _dates(
    connection: duckdb.DuckDBPyConnection, contract: Contract, after_file: int
) -> list[date]:
    rows = connection.execute(
        f"select distinct cast({contract.dates[0]} as date) from {contract.table} "
        "where _file_id > ?",
        [after_file],
    ).fetchall()
    return [row[0] for row in rows]


def _prepare_from_tombstones(
    connection: duckdb.DuckDBPyConnection, key: HashKey, after_file: int
) -> None:
    """Write the temporary tables: of all that new rows name, what was erased."""
    connection.execute(scrub.TEMPORARY)
    values = {**key.values, "after_file": after_file}
    new = "_file_id > $after_file"
    contracts = load_contracts().values()
    records = " union ".join(
        f"select source_system, {column.name} as source_id from {contract.table} where {new}"
        for contract in contracts
        if contract.record_column
        for column in contract.customer_columns
    )
    if not after_file:
        # A backup of before an erasure: its rows give way to the files, but its links stand.
        records += " union select source_system, source_id from identity.xref_customer_identity"
    references = " union ".join(
        f"select {column.name} as reference from {contract.table} where {new}"
        for contract in contracts
        if not contract.record_column
        for column in contract.customer_columns
    )
    connection.execute(
        "insert into erased_contact "
        "select identifier_hash from privacy.tombstone where kind = 'contact'"
    )
    connection.execute(
        f"""
        insert into erased_record
        select source_system, source_id, {scrub.token("identifier_hash")}
        from (select *, {keyed_hash(scrub.RECORD)} as identifier_hash from ({records}))
        where identifier_hash in (
            select identifier_hash from privacy.tombstone where kind = 'record'
        )
        """,
        values,
    )
    _find_by_contact(connection, key, after_file)
    fields = (
        f"select trim(unnest(string_split_regex(raw_text, {scrub.BETWEEN_FIELDS}))) "
        "from quarantine.row where file_id > $after_file"
    )
    connection.execute(
        f"""
        insert into erased_reference
        select reference, {scrub.token("identifier_hash")}
        from (
            select *, {keyed_hash(scrub.REFERENCE)} as identifier_hash
            from ({references} union {fields})
        )
        where identifier_hash in (
            select identifier_hash from privacy.tombstone where kind = 'reference'
        )
        """,
        values,
    )
    cards = " union ".join(
        f"select {column.name} as card_token from {contract.table} where {new}"
        for contract in contracts
        for column in contract.card_columns
    )
    connection.execute(
        f"""
        insert into erased_card
        select card_token from ({cards} union {fields})
        where {keyed_hash(scrub.CARD)} in (
            select identifier_hash from privacy.tombstone where kind = 'card'
        )
        """,
        values,
    )


def _find_by_contact(connection: duckdb.DuckDBPyConnection, key: HashKey, after_file: int) -> None:
    """Add records under other numbers that bear an erased contact, and their numbers on facts."""
    connection.execute(NAME_MACROS)
    connection.execute(
        f"""
        create or replace temp table found_record as
        with record as (
            select
                source_system, source_customer_id as source_id, created_ts, {FACTS_OF_RECORD},
                unnest([
                    {normalised_mail("email")},
                    {normalised_phone("phone", "calling_code", "trunk_prefix")}
                ]) as form
            from feeds.crm_customer as customer
            {WITH_CALLING_CODE}
            where _file_id > $after_file
        ),
        of_others as (
            select source_system, source_id from identity.xref_customer_identity
            where unlinked_at is null and customer_id not in (
                select customer_id from identity.xref_customer_identity
                inner join erased_record using (source_system, source_id)
                where unlinked_at is null
            )
        )
        select distinct source_system, source_id
        from record
        inner join privacy.tombstone
            on {keyed_hash("form")} = identifier_hash and kind = 'contact'
        anti join erased_record using (source_system, source_id)
        anti join of_others using (source_system, source_id)
        where
            (created_ts is null or created_ts <= cast(erased_at as timestamp))
            and {is_same_bearer()}
        """,
        {**key.values, "after_file": after_file},
    )
    connection.execute(
        f"""
        insert into erased_record
        select source_system, source_id, {scrub.token(keyed_hash(scrub.RECORD))} from found_record
        """,
        key.values,
    )
    connection.execute(
        f"""
        insert into erased_reference
        select reference, {scrub.token(keyed_hash(scrub.REFERENCE))}
        from (select distinct source_id as reference from found_record)
        where reference not in (
            select source_id
            from (
                select source_system, source_customer_id as source_id from feeds.crm_customer
                union
                select source_system, source_id from identity.xref_customer_identity
                where unlinked_at is null and source_system not in ('{LEAD}', '{REFERENCE}')
            )
            anti join erased_record using (source_system, source_id)
        )
        """,
        key.values,
    )
    # The customer that identity made of the bare number is nobody any more.
    connection.execute(
        f"""
        insert into erased_record
        select source_system, source_id, {scrub.token(keyed_hash(scrub.RECORD))}
        from (
            select '{REFERENCE}' as source_system, reference as source_id from erased_reference
            where reference in (select source_id from found_record)
        )
        """,
        key.values,
    )


def _forget_closed_weeks(connection: duckdb.DuckDBPyConnection, key: HashKey) -> None:
    """Take erased people out of what a backup keeps of closed weeks, which no feed holds."""
    of_identifier = keyed_hash("identifier")
    connection.execute(
        f"""
        delete from privacy.legal_hold
        where list_has_any(
            list_transform(identifiers, lambda identifier: {of_identifier}),
            (
                select list(identifier_hash) from privacy.tombstone
                where kind in ('record', 'reference')
            )
        )
        """,
        key.values,
    )
    release_held(connection)
    connection.execute(
        f"""
        delete from retention.acquisition
        where {keyed_hash("'reference|' || customer_ref")} in (
            select identifier_hash from privacy.tombstone where kind = 'reference'
        )
        """,
        key.values,
    )
