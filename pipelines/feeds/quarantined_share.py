"""A file of which most rows go to quarantine is the wrong file, or read by the wrong mapping."""

import duckdb

from pipelines.feeds.insertion import ReadyFile, take_back
from pipelines.feeds.refusal import FileRefused
from pipelines.sql import fetch_one

LARGEST_SHARE_QUARANTINED = 0.5
SMALLEST_FILE_JUDGED = 20
"""Records below which a share says nothing; such a file is judged row by row only."""


def refuse_wrong_files(
    connection: duckdb.DuckDBPyConnection, batch: list[ReadyFile]
) -> dict[int, FileRefused]:
    """Look at what became of the rows of files, before they are committed.

    Returns:
        By file id the files of which no row says what the file name says, or most rows are
        unsound; their rows are taken back.
    """
    refused = {}
    for ready in batch:
        if refusal := _wrong(connection, ready):
            take_back(connection, ready.mapping.contract(), ready)
            refused[ready.file_id] = refusal
    return refused


def _wrong(connection: duckdb.DuckDBPyConnection, ready: ReadyFile) -> FileRefused | None:
    unsound, contradicting = fetch_one(
        connection,
        """
        select count(*), count(*) filter (contains(reasons, 'which the file name says'))
        from quarantine.row where file_id = ?
        """,
        [ready.file_id],
    )
    if not unsound:
        return None
    example = _example(connection, ready)
    if contradicting == ready.record_count:
        return FileRefused("file name", f"no row says what the name says: {example}")
    is_judged = ready.record_count >= SMALLEST_FILE_JUDGED
    if is_judged and unsound > LARGEST_SHARE_QUARANTINED * ready.record_count:
        return FileRefused(
            "unsound rows",
            f"{unsound} of {ready.record_count} rows are unsound, such as {example}",
        )
    return None


def _example(connection: duckdb.DuckDBPyConnection, ready: ReadyFile) -> str:
    line, reasons = fetch_one(
        connection,
        "select line_number, reasons from quarantine.row where file_id = ? order by 1 limit 1",
        [ready.file_id],
    )
    return f"line {line}: {reasons}"
