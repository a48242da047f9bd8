"""What shows that an erased person had consented: kept by keyed hash, and never published.

Whoever asked for consent must be able to show it (GDPR 7), also when the person has asked to be
forgotten since. Only who knows the person's number finds the proof again.
"""

from typing import Any

import duckdb

from pipelines.feeds.kept import open_raw
from pipelines.privacy.access import CONSENT_PROOF, log_access
from pipelines.privacy.key import HashKey, keyed_hash, require_key
from pipelines.privacy.scrub import RECORD
from pipelines.redaction import MAIL, PHONE
from pipelines.settings import Settings
from pipelines.sql import literal

PROOF = ("purpose", "channel", "event_ts", "status", "legal_basis", "proof_ref", "policy_version")

_WORDS = "string_split_regex(lower(proof_ref), '[^0-9a-z]+')"


def keep_proof(connection: duckdb.DuckDBPyConnection, key: HashKey, *, after_file: int = 0) -> None:
    """Keep the consents of the records that `scrub.prepare` named, before they are scrubbed.

    A reference to a proof that names the person is left out.
    """
    connection.execute(
        f"""
        insert into privacy.consent_proof
        select distinct record_hash, {", ".join(PROOF)}
        from (
            select
                {keyed_hash(RECORD)} as record_hash,
                consent.* replace (
                    case
                        when regexp_matches(proof_ref, {literal(f"{MAIL}|{PHONE}")}) then null
                        when list_contains({_WORDS}, lower(source_id)) then null
                        else proof_ref
                    end as proof_ref
                )
            from (select *, source_customer_id as source_id from feeds.crm_consent) as consent
            where
                _file_id > $after_file
                and (source_system, source_id) in (
                    select (source_system, source_id) from erased_record
                )
        )
        except
        from privacy.consent_proof
        """,
        {**key.values, "after_file": after_file},
    )


def show_proof(
    settings: Settings, source_system: str, source_id: str, *, accessed_by: str
) -> list[dict[str, Any]]:
    """The consents of an erased record, oldest first; it is logged who was shown them.

    The caller holds the writer's lock.

    Args:
        settings: The house.
        source_system: The system of the record.
        source_id: Its number there.
        accessed_by: Who asks, for the log of accesses.

    Raises:
        PrivacyKeyMissing: When there is no key to find the record by.
        PrivacyKeyChanged: When it is another key than that of the erasure.
    """
    with open_raw(settings) as connection:
        key = require_key(connection, settings.privacy_key)
        if key is None:
            return []
        rows = connection.execute(
            f"""
            select {", ".join(PROOF)}
            from privacy.consent_proof
            where record_hash = (
                select {keyed_hash(RECORD)}
                from (select $system as source_system, $number as source_id)
            )
            order by event_ts, purpose, channel
            """,
            {**key.values, "system": source_system, "number": source_id},
        ).fetchall()
        log_access(
            connection,
            CONSENT_PROOF,
            accessed_by=accessed_by,
            table_count=min(len(rows), 1),
            row_count=len(rows),
        )
    return [dict(zip(PROOF, row, strict=True)) for row in rows]
