"""Takes the records of closed weeks out of the landed files.

A file of which nothing is kept is removed. Of another one the records that are kept stay as they
are, and the next night loads it as a new version of itself; unsound records go with the others,
since they have no date. Workbooks, and files that are not as they were loaded, stay whole until
nothing of them is kept: only their sender can write them anew.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from pipelines.feeds.manifest import DONE_MARK, FILE_MANIFEST
from pipelines.feeds.mapping import load_mappings
from pipelines.privacy.closed_weeks import expiring_contracts
from pipelines.privacy.cut_records import KeptRecords, cut_records
from pipelines.privacy.landed import CANNOT_BE_READ
from pipelines.privacy.landed_manifest import fingerprint, say_anew
from pipelines.privacy.landed_text import Rewritten
from pipelines.settings import Settings


@dataclass(frozen=True, kw_only=True)
class CutFile:
    """A landed file of which the feeds hold less than it delivered.

    Attributes:
        file_id: Whose rows the feeds hold; of a copy, that of the file that was loaded.
        kept_count: Rows of it that the feeds hold.
        is_shared: Whether another feed is kept that was made of the file too.
    """

    name: str
    mapping: str
    feed: str
    file_id: int
    record_count: int
    kept_count: int
    size_bytes: int
    modified_ns: int
    is_shared: bool


def has_files_to_cut(connection: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Whether there are files, as they were loaded, of which rows are gone and that can be cut."""
    return any(_can_be_cut(connection, file, settings) for file in _found(connection, settings))


def files_left_whole(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    """Files that hold records of closed weeks and that only their sender can write anew."""
    found = _found(connection, settings)
    return sorted({f.name for f in found if not _can_be_cut(connection, f, settings)})


def cut(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Take out of the landed files what the feeds do not hold any more."""
    for file in _found(connection, settings):
        path = settings.landing / file.name
        if _goes_whole(file):
            for name in (path.name, path.name + DONE_MARK, path.name + FILE_MANIFEST):
                path.with_name(name).unlink(missing_ok=True)
        elif new := _written_anew(connection, file, settings):
            _put_in_place(file, new)


def _found(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[CutFile]:
    kept = " union all ".join(
        f"select _file_id as file_id, count(*) as row_count from {contract.table} group by all"
        for contract in expiring_contracts()
    )
    rows = connection.execute(
        f"""
        with expiring as (
            select * from ledger.file where feed in (select unnest($feeds))
        ),
        short as (
            select file.*, coalesce(kept.row_count, 0) as kept_count
            from expiring as file
            left join ({kept}) as kept using (file_id)
            where
                file.status = 'loaded'
                and file.row_count > coalesce(kept.row_count, 0) + (
                    select count(*) from quarantine.row where row.file_id = file.file_id
                )
        )
        select
            found.*,
            exists (
                select 1 from ledger.file as other
                where
                    other.file_name = found.file_name
                    and other.feed <> found.feed
                    and other.status in ('loaded', 'duplicate')
                    and other.row_count > 0
                    and other.file_id not in (select file_id from short where kept_count = 0)
            )
        from (
            select
                file_name, mapping, feed, file_id, row_count, kept_count, size_bytes, modified_ns
            from short
            union all
            select
                copy.file_name, copy.mapping, copy.feed, short.file_id, short.row_count,
                short.kept_count, copy.size_bytes, copy.modified_ns
            from expiring as copy
            inner join short using (feed, sha256, name_values)
            where copy.status = 'duplicate'
        ) as found
        order by all
        """,
        {"feeds": [contract.feed for contract in expiring_contracts()]},
    ).fetchall()
    for name, mapping, feed, file_id, records, kept_count, size, modified, is_shared in rows:
        file = CutFile(
            name=name,
            mapping=mapping,
            feed=feed,
            file_id=file_id,
            record_count=records,
            kept_count=kept_count,
            size_bytes=size,
            modified_ns=modified,
            is_shared=is_shared,
        )
        # Another size or time: it was cut already, or is a new delivery that was not loaded yet.
        if (settings.landing / name).is_file() and _is_as_loaded(file, settings):
            yield file


def _is_as_loaded(file: CutFile, settings: Settings) -> bool:
    """Whether nobody cut it or delivered it anew since."""
    status = (settings.landing / file.name).stat()
    return (status.st_size, status.st_mtime_ns) == (file.size_bytes, file.modified_ns)


def _goes_whole(file: CutFile) -> bool:
    return not file.kept_count and not file.is_shared


def _can_be_cut(connection: duckdb.DuckDBPyConnection, file: CutFile, settings: Settings) -> bool:
    if _goes_whole(file):
        return True
    new = _written_anew(connection, file, settings)
    if new:
        new.partial.unlink()
    return new is not None


def _written_anew(
    connection: duckdb.DuckDBPyConnection, file: CutFile, settings: Settings
) -> Rewritten | None:
    """The file without what is gone, beside itself; None where only its sender can write it."""
    path = settings.landing / file.name
    mappings = {mapping.name: mapping for mapping in load_mappings(settings.mappings)}
    mapping = mappings.get(file.mapping)
    is_document = mapping is not None and mapping.format == "poslog"
    if mapping is None or (file.is_shared and not is_document):
        return None
    if is_document and fingerprint(path, file.feed):
        # What is said of it counts the records of each feed.
        return None
    numbers = connection.execute(
        f"select _line_number from feeds.{file.feed} where _file_id = ?", [file.file_id]
    ).fetchall()
    kept = KeptRecords(
        record_count=file.record_count,
        numbers=frozenset(number for (number,) in numbers),
        closed_weeks=frozenset(
            connection.execute(
                "select store_id, fiscal_week_start_date from retention.rolled_week"
            ).fetchall()
        ),
    )
    try:
        return cut_records(file.name, path, mapping, kept)
    except CANNOT_BE_READ:
        return None


def _put_in_place(file: CutFile, new: Rewritten) -> None:
    # The manifest first: a stop between the two leaves a file that is found and cut once more.
    say_anew(new.path, sha256=new.sha256, row_counts={file.feed: file.kept_count})
    new.take_place()
    # Packed text of another content may have the same size.
    os.utime(new.path, ns=(new.path.stat().st_atime_ns, file.modified_ns + 1000))
