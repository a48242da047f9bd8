"""Takes the records of closed weeks out of the landed files.

A file of which nothing is kept is removed. Of a text file the records that are kept stay, byte for
byte, and the next night loads it as a new version of itself; unsound records go with the others,
since they have no date. Other formats, and files that a manifest describes, stay whole until
nothing of them is kept: only their sender can write them anew.
"""

import io
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from pipelines.feeds.manifest import DONE_MARK, FILE_MANIFEST, FOLDER_MANIFEST
from pipelines.feeds.mapping import Mapping, load_mappings
from pipelines.privacy.closed_weeks import expiring_contracts
from pipelines.privacy.landed_text import (
    can_be_rewritten,
    open_text,
    rewrite_text,
    text_records,
)
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
    is_shared: bool


def files_to_cut(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[CutFile]:
    """Landed files, as they were loaded, of which rows were taken out and that can be changed."""
    return [file for file in _found(connection, settings) if _can_be_cut(file, settings)]


def files_left_whole(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    """Files that hold records of closed weeks and that only their sender can write anew."""
    found = _found(connection, settings)
    return sorted({file.name for file in found if not _can_be_cut(file, settings)})


def cut(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Take out of the landed files what the feeds do not hold any more."""
    mappings = {mapping.name: mapping for mapping in load_mappings(settings.mappings)}
    for file in files_to_cut(connection, settings):
        path = settings.landing / file.name
        if not file.kept_count:
            path.unlink(missing_ok=True)
            path.with_name(path.name + DONE_MARK).unlink(missing_ok=True)
            continue
        kept = connection.execute(
            f"select _line_number from feeds.{file.feed} where _file_id = ?", [file.file_id]
        ).fetchall()
        _keep_records(path, mappings[file.mapping], {number for (number,) in kept})


def _found(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[CutFile]:
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
    found = []
    for name, mapping, feed, file_id, records, kept_count, size, modified, is_shared in rows:
        path = settings.landing / name
        # Another size or time: it was cut already, or is a new delivery that was not loaded yet.
        if path.is_file() and (path.stat().st_size, path.stat().st_mtime_ns) == (size, modified):
            found.append(
                CutFile(
                    name=name,
                    mapping=mapping,
                    feed=feed,
                    file_id=file_id,
                    record_count=records,
                    kept_count=kept_count,
                    is_shared=is_shared,
                )
            )
    return found


def _can_be_cut(file: CutFile, settings: Settings) -> bool:
    if file.is_shared or not file.kept_count:
        return not file.is_shared
    mappings = {mapping.name: mapping for mapping in load_mappings(settings.mappings)}
    path, mapping = settings.landing / file.name, mappings.get(file.mapping)
    has_manifest = any(
        path.with_name(name).exists() for name in (path.name + FILE_MANIFEST, FOLDER_MANIFEST)
    )
    if not mapping or has_manifest or not can_be_rewritten(path, mapping):
        return False
    # Where the loader counted other records, such as none of a blank line, numbers would not do.
    return _count_records(path, mapping) == file.record_count + _header_count(mapping)


def _header_count(mapping: Mapping) -> int:
    return 1 if mapping.format == "csv" else 0


def _count_records(path: Path, mapping: Mapping) -> int:
    with open_text(path, mapping.encoding) as reader:
        return sum(1 for _ in text_records(reader))


def _keep_records(path: Path, mapping: Mapping, numbers: set[int]) -> None:
    header = range(1, _header_count(mapping) + 1)
    copy = partial(_copy, numbers={*header, *numbers})
    rewritten = rewrite_text(path.name, path, mapping.encoding, copy)
    if rewritten:
        modified_ns = path.stat().st_mtime_ns
        rewritten.take_place()
        # Packed text of another content may have the same size.
        os.utime(path, ns=(path.stat().st_atime_ns, modified_ns + 1000))


def _copy(reader: io.TextIOBase, writer: io.TextIOBase, *, numbers: set[int]) -> bool:
    is_changed = False
    for number, record in enumerate(text_records(reader), start=1):
        if number in numbers:
            writer.write(record)
        else:
            is_changed = True
    return is_changed
