"""Whom rows name that came after an erasure: what tombstones know again.

A record under another number is the same person when it has an erased mail address or phone number,
nothing in it contradicts what was known of the bearer, it is nobody else's by the ledger of
identity, and it was not created after the erasure: who comes back of their own will is a new
customer. Its number is the person's too, on facts that came before and after it.
"""

import duckdb

from pipelines.feeds.contact_forms import WITH_CALLING_CODE, normalised_mail, normalised_phone
from pipelines.feeds.contract import load_contracts
from pipelines.identity.records import NAME_MACROS
from pipelines.privacy import scrub
from pipelines.privacy.bearers import FACTS_OF_RECORD, is_same_bearer
from pipelines.privacy.key import HashKey, keyed_hash
from pipelines.privacy.person import LEAD, REFERENCE


def prepare_returned(
    connection: duckdb.DuckDBPyConnection, key: HashKey, *, after_file: int
) -> None:
    """Write the temporary tables of `scrub`: of all that new rows name, what was erased.

    Args:
        connection: A writing connection on raw.duckdb.
        key: The key that tombstones were made with.
        after_file: Rows of files after this one are new.
    """
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
