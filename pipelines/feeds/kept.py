"""What the landed files cannot tell again, kept in files beside raw.duckdb.

A raw.duckdb that is lost is built anew from landing/. Who was erased stands there no more, so a
sender who delivers them again would bring them back, unless the tombstones outlive the database.
What somebody decided of customers by hand does not stand there either, nor what the receipts of
closed weeks came to.
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
    "privacy.key_check", "privacy.tombstone", "privacy.erasure", "privacy.consent_proof",
    "privacy.legal_hold", "privacy.access", "identity.decision", "retention.kept_from",
    "retention.acquisition", "retention.held_row", "retention.purge_log",
)  # fmt: skip
"""Tables of raw.duckdb; each has one file of its name."""

KEPT_SUMS = ("retention.rolled_week", "retention.sales_week", "retention.sales_day")
"""Tables that only ever grow, and to millions of rows: as many rows are the same ones."""

_STATES = {
    # Whichever key is set now, it is the one of then that knows who was erased.
    "privacy.key_check": "where (select count(*) from privacy.tombstone) = 0",
    "retention.kept_from": "",
}
"""Tables that a file replaces as a whole, and which rows of before give way."""

_LOOKED_THROUGH = {
    "privacy.tombstone": "privacy.looked_through",
    "retention.rolled_week": "retention.looked_through",
}
"""Where it stands up to which file somebody was looked for: in none, when rows come back."""


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
    filled = _filled(connection)
    for table in (*KEPT, *KEPT_SUMS):
        path = _path(directory, table)
        if _differs(connection, table, _kept(table, path)) if path.exists() else table in filled:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = path.with_suffix(".partial")
            connection.execute(
                f"copy (from {table} order by all) to {literal(str(partial))} (format parquet)"
            )
            partial.chmod(0o600)
            partial.replace(path)


def bring_back(connection: duckdb.DuckDBPyConnection, directory: Path) -> None:
    """Read back what the tables lack: they are new, or of a backup that is older than the files.

    Tombstones that come back have not been looked for in any file, so all are looked through again;
    and so it is with closed weeks.

    Args:
        connection: A writing connection on raw.duckdb, with its tables.
        directory: Where the files stand.
    """
    with transaction(connection):
        for table in (*KEPT, *KEPT_SUMS):
            path = _path(directory, table)
            if not path.exists():
                continue
            kept = _kept(table, path)
            if table in KEPT_SUMS and not _differs(connection, table, kept):
                continue
            if not _lacks(connection, table, kept):
                continue
            if table in _STATES:
                connection.execute(f"delete from {table} {_STATES[table]}")
                if _count(connection, table):
                    continue
            if table in _LOOKED_THROUGH:
                connection.execute(f"delete from {_LOOKED_THROUGH[table]}")
            connection.execute(f"insert into {table} from (from {kept} except from {table})")


def _path(directory: Path, table: str) -> Path:
    return directory / f"{table.partition('.')[2]}.parquet"


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    (count,) = fetch_one(connection, f"select count(*) from {relation}")
    return int(count)


def _filled(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The tables that hold rows, asked at once: most houses have erased and rolled up nothing."""
    tables = (*KEPT, *KEPT_SUMS)
    counts = ", ".join(f"(select count(*) from {table})" for table in tables)
    held = fetch_one(connection, f"select {counts}")
    return {table for table, count in zip(tables, held, strict=True) if count}


def _kept(table: str, path: Path) -> str:
    """A file as SQL, with the columns that its table has today."""
    return (
        f"(from (from {table} limit 0) "
        f"union all by name from read_parquet({literal(escape_glob(path))}))"
    )


def _differs(connection: duckdb.DuckDBPyConnection, table: str, kept: str) -> bool:
    """Whether a table and its file hold other rows."""
    if table in KEPT_SUMS:
        return _count(connection, table) != _count(connection, kept)
    apart = f"(from {table} except from {kept}) union all (from {kept} except from {table})"
    return _count(connection, f"({apart})") > 0


def _lacks(connection: duckdb.DuckDBPyConnection, held: str, wanted: str) -> bool:
    """Whether rows of the wanted relation are missing in the other one."""
    return _count(connection, f"(from {wanted} except from {held})") > 0
