"""Refused files that still stand in the landing directory: a night must not pass over them."""

from pathlib import Path

import duckdb


class FilesRefused(RuntimeError):
    """Files were refused; the message names each with the rule that it broke."""


def refused_files(connection: duckdb.DuckDBPyConnection, landing: Path) -> dict[str, str]:
    """Refused files of known feeds that nobody mended, replaced or took away: name -> reason."""
    rows = connection.execute(
        """
        select file_name, reason, size_bytes, modified_ns from ledger.file
        where status = 'refused' and feed is not null
        qualify row_number() over (partition by file_name, feed order by file_id desc) = 1
        order by file_name
        """
    ).fetchall()
    unresolved = {}
    for name, reason, size_bytes, modified_ns in rows:
        path = landing / name
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue
        if (status.st_size, status.st_mtime_ns) == (size_bytes, modified_ns):
            unresolved[name] = reason
    return unresolved


def raise_for_refused(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """Stop while a refused file stands in the landing directory.

    Raises:
        FilesRefused: With one line a file.
    """
    refused = refused_files(connection, landing)
    if refused:
        lines = [f"{name}: {reason}" for name, reason in refused.items()]
        raise FilesRefused(
            "\n".join(
                [f"{len(refused)} landed file(s) refused; mend, replace or remove them:", *lines]
            )
        )
