"""Who was shown what is held on people: the log of accesses, which names none of these people."""

from datetime import UTC, datetime

import duckdb

from pipelines.redaction import mask
from pipelines.sql import fetch_one

EXPORT, CONSENT_PROOF = "export", "consent proof"
"""Kinds of access."""


def log_access(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    *,
    accessed_by: str,
    table_count: int,
    row_count: int,
) -> None:
    """Write down that somebody was shown rows of a person.

    Args:
        connection: A writing connection on raw.duckdb.
        kind: What was shown, such as an export.
        accessed_by: Who was shown it, as they say; an address in it is masked.
        table_count: Tables of which rows were shown.
        row_count: Rows that were shown.
    """
    (last,) = fetch_one(
        connection, "select coalesce(max(substr(access_id, 2)::bigint), 0) from privacy.access"
    )
    connection.execute(
        "insert into privacy.access values (?, ?, ?, ?, ?, ?)",
        [
            f"A{last + 1:06d}",
            datetime.now(UTC).replace(tzinfo=None),
            kind,
            mask(accessed_by),
            table_count,
            row_count,
        ],
    )
