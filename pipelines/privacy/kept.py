"""What the landed files cannot tell again, kept in files beside raw.duckdb.

A raw.duckdb that is lost is built anew from landing/. Who was erased stands there no more, so a
sender who delivers them again would bring them back, unless the tombstones outlive the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.feeds.raw_tables import create_tables
from pipelines.feeds.reader import escape_glob
from pipelines.settings import Settings
from pipelines.sql import fetch_one, literal, transaction

KEPT = (
    "key_check", "tombstone", "erasure", "consent_proof", "legal_hold", "access",
)  # fmt: skip
"""Tables of the schema `privacy`; each has one file of its name."""


@contextmanager
def open_raw(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """raw.duckdb with all its tables, and with what is kept beside it; both agree afterwards."""
    with duckdb.connect(str(settings.raw_database)) as connection:
        create_tables(connection)
        bring_back(connection, settings.kept)
        yield connection
        keep(connection, settings.kept)


def keep(connection: duckdb.DuckDBPyConnection, directory: Path) -> None:
    """Write the tables into files, each at once or not at all; those that did not change stay.

    Args:
        connection: A connection on raw.duckdb.
        directory: Where the files stand, for their owner's eyes alone; created when needed.
    """
    for table in KEPT:
        path, own = directory / f"{table}.parquet", f"privacy.{table}"
        held = _kept(table, path) if path.exists() else f"(from {own} limit 0)"
        if _lacks(connection, held, own) or _lacks(connection, own, held):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = path.with_suffix(".partial")
            connection.execute(
                f"copy (from {own} order by all) to {literal(str(partial))} (format parquet)"
            )
            partial.chmod(0o600)
            partial.replace(path)


def bring_back(connection: duckdb.DuckDBPyConnection, directory: Path) -> None:
    """Read back what the tables lack: they are new, or of a backup that is older than the files.

    Tombstones that come back have not been looked for in any file, so all are looked through again.

    Args:
        connection: A writing connection on raw.duckdb, with its tables.
        directory: Where the files stand.
    """
    with transaction(connection):
        (erased,) = fetch_one(connection, "select count(*) from privacy.tombstone")
        for table in KEPT:
            path, own = directory / f"{table}.parquet", f"privacy.{table}"
            if not path.exists() or not _lacks(connection, own, _kept(table, path)):
                continue
            if table == "key_check":
                if erased:
                    continue
                # Whichever key is set now, it is the one of then that knows who was erased.
                connection.execute("delete from privacy.key_check")
            if table == "tombstone":
                connection.execute("delete from privacy.looked_through")
            connection.execute(
                f"insert into {own} from (from {_kept(table, path)} except from {own})"
            )


def _kept(table: str, path: Path) -> str:
    """A file as SQL, with the columns that its table has today."""
    return (
        f"(from (from privacy.{table} limit 0) "
        f"union all by name from read_parquet({literal(escape_glob(path))}))"
    )


def _lacks(connection: duckdb.DuckDBPyConnection, held: str, wanted: str) -> bool:
    """Whether rows of the wanted relation are missing in the other one."""
    (count,) = fetch_one(connection, f"select count(*) from (from {wanted} except from {held})")
    return bool(count)
