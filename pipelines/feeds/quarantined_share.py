"""A file of which most rows go to quarantine is the wrong file, or read by the wrong mapping."""

import duckdb

from pipelines.feeds.insertion import ReadyFile
from pipelines.feeds.refusal import FileRefused
from pipelines.sql import fetch_one

LARGEST_SHARE_QUARANTINED = 0.5
SMALLEST_FILE_JUDGED = 20
"""Records below which a share says nothing; such a file is judged row by row only."""


def hold_quarantined_share(connection: duckdb.DuckDBPyConnection, ready: ReadyFile) -> None:
    """Look at what became of a file's rows, before they are committed.

    Raises:
        FileRefused: When no row says what the file name says, or most rows are unsound; with the
            first of the reasons.
    """
    unsound, contradicting = fetch_one(
        connection,
        """
        select count(*), count(*) filter (contains(reasons, 'which the file name says'))
        from quarantine.row where file_id = ?
        """,
        [ready.file_id],
    )
    if ready.record_count and contradicting == ready.record_count:
        raise FileRefused(
            "file name", f"no row says what the name says: {_example(connection, ready)}"
        )
    if ready.record_count < SMALLEST_FILE_JUDGED:
        return
    if unsound > LARGEST_SHARE_QUARANTINED * ready.record_count:
        share = f"{unsound} of {ready.record_count} rows are unsound"
        raise FileRefused("unsound rows", f"{share}, such as {_example(connection, ready)}")


def _example(connection: duckdb.DuckDBPyConnection, ready: ReadyFile) -> str:
    line, reasons = fetch_one(
        connection,
        "select line_number, reasons from quarantine.row where file_id = ? order by 1 limit 1",
        [ready.file_id],
    )
    return f"line {line}: {reasons}"
