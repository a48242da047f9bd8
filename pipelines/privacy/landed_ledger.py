"""Tells the ledger of a landed file that was written anew, so that it is no new delivery."""

import duckdb

from pipelines.privacy.landed_manifest import fingerprint
from pipelines.privacy.landed_text import Rewritten


def tell_ledger(connection: duckdb.DuckDBPyConnection, file: Rewritten) -> bool:
    """Give the file's entries its new bytes, and what its manifest says now.

    Args:
        connection: A writing connection on raw.duckdb, in a transaction.
        file: The file, not in its place yet, and its manifest, which is said anew.

    Returns:
        Whether that was new to the ledger, and not told by a run that was stopped.
    """
    modified_ns = file.path.stat().st_mtime_ns
    told = connection.execute(
        "select 1 from ledger.file "
        "where file_name = $name and modified_ns = $modified and sha256 = $sha256 limit 1",
        {"name": file.name, "modified": modified_ns, "sha256": file.sha256},
    ).fetchall()
    connection.execute(
        "update ledger.file set size_bytes = $size, sha256 = case when sha256 is not null "
        "then $sha256 end where file_name = $name and modified_ns = $modified",
        {
            "size": file.size_bytes,
            "sha256": file.sha256,
            "name": file.name,
            "modified": modified_ns,
        },
    )
    feeds = connection.execute(
        "select distinct feed from ledger.file where file_name = ? and feed is not null",
        [file.name],
    ).fetchall()
    for (feed,) in feeds:
        if said := fingerprint(file.path, feed):
            connection.execute(
                "update ledger.file "
                "set mapping_version = split_part(mapping_version, '-', 1) || '-' || $said "
                "where file_name = $name and feed = $feed and modified_ns = $modified "
                "and contains(mapping_version, '-')",
                {"said": said, "name": file.name, "feed": feed, "modified": modified_ns},
            )
    return not told
