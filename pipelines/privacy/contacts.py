"""`privacy.customer_contact`: names, mail, phone and address of customers, with keyed hashes.

A hash joins what two systems know of one person without either showing the address, so it is made
of the address in one form: mail in lower case, phone numbers as the world writes them. A name's
token is made of the form in which names are compared.
"""

import hashlib

import duckdb

from pipelines.feeds.contact_forms import (
    CALLING_CODES,
    WITH_CALLING_CODE,
    normalised_mail,
    normalised_phone,
)
from pipelines.identity.records import NAME_MACROS
from pipelines.privacy.key import HashKey, keyed_hash
from pipelines.sql import fetch_one, transaction


def write_contacts(connection: duckdb.DuckDBPyConnection, key: HashKey | None) -> int | None:
    """Write the contacts anew from the latest records, in one transaction.

    Args:
        connection: A writing connection on raw.duckdb.
        key: The key; None in a house that has no contacts.

    Returns:
        How many source records have a contact; None where nothing changed since the last time.
    """
    version = _version(connection)
    if connection.execute("select version from privacy.contact_version").fetchall() == [(version,)]:
        return None
    connection.execute(NAME_MACROS)
    with transaction(connection):
        connection.execute("delete from privacy.customer_contact")
        if key:
            connection.execute(_INSERT, key.values)
        connection.execute("delete from privacy.contact_version")
        connection.execute("insert into privacy.contact_version values (?)", [version])
    (count,) = fetch_one(connection, "select count(*) from privacy.customer_contact")
    return int(count)


def _version(connection: duckdb.DuckDBPyConnection) -> str:
    """Fingerprint of the customers' files, the key, the people erased, and these rules."""
    (said,) = fetch_one(
        connection,
        """
        select concat_ws(
            '|',
            (
                select string_agg(version, ',' order by version)
                from ledger.file_version where feed = 'crm_customer'
            ),
            (select max(key_hash) from privacy.key_check),
            (select count(*) from privacy.tombstone)
        )
        """,
    )
    rules = _INSERT + NAME_MACROS + CALLING_CODES.read_text(encoding="utf-8")
    return hashlib.sha256(f"{said}|{rules}".encode()).hexdigest()


_INSERT = f"""
insert into privacy.customer_contact
with latest as (
    select customer.*
    from feeds.crm_customer as customer
    anti join ledger.excluded_row as excluded
        on
            excluded.feed = 'crm_customer'
            and customer._file_id = excluded.file_id
            and customer._line_number = excluded.line_number
    qualify
        row_number() over (
            partition by source_system, source_customer_id
            order by extract_ts desc, _file_id desc, _line_number desc
        ) = 1
),

normalised as (
    select
        customer.*,
        {normalised_mail("email")} as own_mail,
        {normalised_phone("phone", "calling_code", "trunk_prefix")} as own_phone,
        nullif(concat_ws(' ', folded_name(given_name), folded_name(family_name)), '') as own_name
    from latest as customer
    {WITH_CALLING_CODE}
    where
        op is distinct from 'D'
        and coalesce(given_name, family_name, email, phone, street, city, postcode) is not null
)

select
    source_system, source_customer_id, given_name, family_name, email, phone, street, city,
    postcode, country, extract_ts, {keyed_hash("own_mail")},
    {keyed_hash("own_phone")}, {keyed_hash("own_name")}
from normalised
"""
