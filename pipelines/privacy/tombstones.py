"""Tombstones: keyed hashes by which later deliveries are known to name somebody who was erased."""

from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.feeds.contract import Contract, load_contracts
from pipelines.feeds.kept import bring_back
from pipelines.feeds.raw_tables import create_tables
from pipelines.feeds.repeats import exclude_repeats
from pipelines.privacy import scrub
from pipelines.privacy.consent_proof import keep_proof
from pipelines.privacy.expiry import release_held
from pipelines.privacy.key import HashKey, keyed_hash, require_key
from pipelines.privacy.later_files import rewrite_later_files
from pipelines.privacy.returned import prepare_returned
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

    Who that is says `returned`. Landed files lose whom their rows lose.

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
        prepare_returned(connection, key, after_file=int(seen))
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
