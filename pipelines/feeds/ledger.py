"""The ledger: which files came in, what became of each row, and which days they touch.

Stands in raw.duckdb beside the rows, so that rows and ledger commit in one transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import duckdb

from pipelines.feeds.contract import Contract
from pipelines.sql import fetch_one


@dataclass(frozen=True, kw_only=True)
class KnownFile:
    """What the ledger says of a file that stands in the landing directory.

    Attributes:
        loaded_ids: The entries of this name whose rows stand. That need not be the newest one: the
            version after it may have been refused.
    """

    size_bytes: int
    modified_ns: int
    mapping_version: str | None
    loaded_ids: tuple[int, ...]


class Content(NamedTuple):
    """What makes two files the same delivery, whatever they are called."""

    feed: str
    sha256: str
    name_values: str
    delivery: str


def known_files(
    connection: duckdb.DuckDBPyConnection,
) -> dict[tuple[str, str | None], KnownFile]:
    """The newest version of each file name and feed; a stranger has no feed."""
    rows = connection.execute(
        """
        select
            file_name,
            feed,
            arg_max(struct_pack(size_bytes, modified_ns, mapping_version), file_id),
            coalesce(list(file_id order by file_id) filter (status = 'loaded'), [])
        from ledger.file
        group by file_name, feed
        """
    ).fetchall()
    return {
        (name, feed): KnownFile(**newest, loaded_ids=tuple(loaded_ids))
        for name, feed, newest, loaded_ids in rows
    }


def loaded_contents(connection: duckdb.DuckDBPyConnection) -> dict[Content, str]:
    """Name of a loaded file by what it holds."""
    rows = connection.execute(
        "select feed, sha256, name_values, delivery, min(file_name) "
        "from ledger.file where status = 'loaded' group by all"
    ).fetchall()
    return {Content(*row[:-1]): row[-1] for row in rows}


def next_id(connection: duckdb.DuckDBPyConnection, column: str) -> int:
    """The next number of a counter column of `ledger.file`; a counter cannot jump with a clock."""
    (number,) = fetch_one(connection, f"select coalesce(max({column}), 0) + 1 from ledger.file")
    return int(number)


def insert_files(
    connection: duckdb.DuckDBPyConnection, entries: Sequence[Mapping[str, object]]
) -> None:
    """Add entries to `ledger.file`, all with the same columns; others are NULL."""
    columns = list(entries[0])
    # One statement for all: a statement costs more than the gate of a small file.
    connection.execute(
        f"insert into ledger.file ({', '.join(columns)}) "
        f"select {', '.join('unnest(?)' for _ in columns)}",
        [[entry[column] for entry in entries] for column in columns],
    )


def write_deliveries(connection: duckdb.DuckDBPyConnection, deliveries: dict[str, str]) -> None:
    """Say `full` or `delta`, by name of the mapping, of files that an earlier release loaded.

    A mapping whose delivery was changed since is a new version, and its files load again.
    """
    connection.execute(
        """
        update ledger.file set delivery = said.delivery
        from (select unnest(?) as mapping, unnest(?) as delivery) as said
        where file.mapping = said.mapping and file.delivery is null
        """,
        [list(deliveries), list(deliveries.values())],
    )


def supersede(
    connection: duckdb.DuckDBPyConnection, contract: Contract, file_id: int, by: int
) -> list[date]:
    """Take a file's rows out in favour of a newer file of the same name; the entry stays.

    Returns:
        The dates of the rows taken out.
    """
    dates = connection.execute(
        "select distinct business_date from ledger.file_date where file_id = ?", [file_id]
    ).fetchall()
    connection.execute(f"delete from {contract.table} where _file_id = ?", [file_id])
    for table in ("quarantine.row", "ledger.excluded_row"):
        connection.execute(f"delete from {table} where file_id = ?", [file_id])
    connection.execute(
        "update ledger.file set status = 'superseded', superseded_by = ? where file_id = ?",
        [by, file_id],
    )
    # A copy of the replaced content under another name was skipped as a duplicate: it counts now.
    connection.execute(
        """
        delete from ledger.file as copy
        where copy.status = 'duplicate' and exists (
            select 1 from ledger.file as original
            where original.file_id = ? and original.sha256 = copy.sha256
                and original.name_values = copy.name_values and original.feed = copy.feed
        )
        """,
        [file_id],
    )
    return [row[0] for row in dates]


def write_file_dates(
    connection: duckdb.DuckDBPyConnection, contract: Contract, file_ids: Iterable[int]
) -> list[date]:
    """Record which dates files touch; returns the dates of their rows, oldest first."""
    ids = list(file_ids)
    first, last = contract.dates[0], contract.dates[-1]
    connection.execute(
        f"""
        insert into ledger.file_date
        select _file_id, ?, cast(unnest(generate_series(first, last, interval 1 day)) as date), n
        from (
            select
                _file_id, cast({first} as date) as first, cast({last} as date) as last,
                count(*) as n
            from {contract.table}
            where _file_id in (select unnest(?))
            group by all
        )
        """,
        [contract.feed, ids],
    )
    connection.execute(
        """
        update ledger.file
        set first_date = spans.first_date, last_date = spans.last_date
        from (
            select
                file_id, min(business_date) as first_date, max(business_date) as last_date
            from ledger.file_date
            where file_id in (select unnest(?))
            group by file_id
        ) as spans
        where file.file_id = spans.file_id
        """,
        [ids],
    )
    rows = connection.execute(
        f"select distinct cast({first} as date) from {contract.table} "
        "where _file_id in (select unnest(?)) order by 1",
        [ids],
    ).fetchall()
    return [row[0] for row in rows]
