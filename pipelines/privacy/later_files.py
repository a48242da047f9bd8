"""Takes erased people out of the landed files that named them again after their erasure."""

from contextlib import suppress

import duckdb

from pipelines.feeds.contact_forms import WITH_CALLING_CODE, normalised_mail, normalised_phone
from pipelines.feeds.mapping import load_mappings
from pipelines.privacy.gone import Gone
from pipelines.privacy.key import HashKey, keyed_hash
from pipelines.privacy.landed import FilesUnreadable, rewritten_files
from pipelines.privacy.landed_ledger import tell_ledger
from pipelines.privacy.landed_manifest import say_anew
from pipelines.settings import Settings

_CONTACTS = f"""
    with borne as (
        select
            (source_system, source_customer_id) in (
                select (source_system, source_id) from erased_record
            ) as is_erased,
            unnest([
                {{'text': lower(trim(email)), 'form': {normalised_mail("email")}}},
                {{
                    'text': lower(trim(phone)),
                    'form': {normalised_phone("phone", "calling_code", "trunk_prefix")}
                }}
            ], recursive := true)
        from feeds.crm_customer as customer
        {WITH_CALLING_CODE}
    )
    select text
    from borne
    where {keyed_hash("form")} in (select contact_hash from erased_contact)
    group by text
    having bool_and(is_erased)
"""
"""Erased contacts in clear, as rows still tell them; not those that a new customer has too."""


def rewrite_later_files(
    connection: duckdb.DuckDBPyConnection, key: HashKey, settings: Settings, *, after_file: int
) -> int:
    """Write landed files anew without whoever the temporary tables of `scrub` name.

    A stop before the transaction ends leaves files that the ledger does not know, and that are
    loaded as new versions of themselves.

    Args:
        connection: A writing connection on raw.duckdb, in a transaction, before rows are scrubbed.
        key: The key.
        settings: The house.
        after_file: Files up to this one are not looked into.

    Returns:
        How many files. One that cannot be looked into is named when somebody is erased next.
    """
    gone = Gone(
        records={
            (system, number): token
            for system, number, token in connection.execute("from erased_record").fetchall()
        },
        references=dict(connection.execute("from erased_reference").fetchall()),
        contacts=frozenset(
            text for (text,) in connection.execute(_CONTACTS, key.values).fetchall()
        ),
        cards=frozenset(c for (c,) in connection.execute("from erased_card").fetchall()),
    )
    if not gone.texts:
        return 0
    names = connection.execute(
        "select distinct file_name from ledger.file where file_id > ?", [after_file]
    ).fetchall()
    count = 0
    with suppress(FilesUnreadable):
        for file in rewritten_files(
            settings.landing,
            load_mappings(settings.mappings),
            gone,
            names=frozenset(name for (name,) in names),
        ):
            say_anew(file.path, sha256=file.sha256)
            tell_ledger(connection, file)
            file.take_place()
            count += 1
    return count
