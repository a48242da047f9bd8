"""Takes the records of closed weeks out of the landed files.

A file of which nothing is kept is removed. Of another one the records that are kept stay as they
are, and the next night loads it as a new version of itself; unsound records go with the others,
since they have no date. A file that cannot be read as it was loaded, or a workbook in which more
than rows tells of them, stays whole until nothing of it is kept: only its sender can write it anew.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from pipelines.feeds.file_gate import pass_file_gate, remove_copy
from pipelines.feeds.manifest import DONE_MARK, FILE_MANIFEST
from pipelines.feeds.mapping import Mapping, claims_on, load_mappings
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
        kept_count: Rows of it that the feed holds.
        is_shared: Whether another feed holds rows that were made of the file too.
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
            _put_in_place(file, new, settings)


def _found(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[CutFile]:
    kept = " union all ".join(
        f"select _file_id as file_id, count(*) as row_count from {contract.table} group by all"
        for contract in expiring_contracts()
    )
    rows = connection.execute(
        f"""
        with expiring as (
            select * from ledger.file
            where feed in (select unnest($feeds)) and status in ('loaded', 'duplicate')
        ),
        -- Of a copy the rows are those of the file that was loaded.
        landed as (
            select
                file.*,
                original.file_id as original_id,
                coalesce(kept.row_count, 0) as kept_count,
                original.row_count > kept_count + (
                    select count(*) from quarantine.row where row.file_id = original.file_id
                ) as is_short
            from expiring as file
            inner join expiring as original
                on
                    original.status = 'loaded'
                    and (
                        original.file_id = file.file_id
                        or (
                            file.status = 'duplicate'
                            and original.feed = file.feed
                            and original.sha256 = file.sha256
                            and original.name_values = file.name_values
                        )
                    )
            left join ({kept}) as kept on original.file_id = kept.file_id
        )
        select
            file_name, mapping, feed, original_id, row_count, kept_count, size_bytes, modified_ns,
            exists (
                select 1 from landed as other
                where
                    other.file_name = landed.file_name
                    and other.feed <> landed.feed
                    and other.kept_count > 0
            )
        from landed
        where is_short
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
    mapping = _mappings_of(file, settings).get(file.feed)
    if mapping is None or mapping.name != file.mapping:
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


def _mappings_of(file: CutFile, settings: Settings) -> dict[str, Mapping]:
    """The mappings that claim a file, by feed."""
    claims = claims_on(file.name, load_mappings(settings.mappings))
    return {mapping.feed: mapping for mapping, _ in claims}


def _put_in_place(file: CutFile, new: Rewritten, settings: Settings) -> None:
    # The manifest first: a stop between the two leaves a file that is found and cut once more.
    say_anew(new.path, sha256=new.sha256, row_counts=_row_counts(file, new, settings))
    new.take_place()
    # Packed text of another content may have the same size.
    os.utime(new.path, ns=(new.path.stat().st_atime_ns, file.modified_ns + 1000))


def _row_counts(file: CutFile, new: Rewritten, settings: Settings) -> dict[str, int]:
    """Records of the new file by feed; of a document those of all feeds went at once."""
    counts = {file.feed: file.kept_count}
    for feed, mapping in _mappings_of(file, settings).items():
        if mapping.format == "poslog" and fingerprint(new.path, feed):
            sound = pass_file_gate(new.partial, mapping, settings.work)
            remove_copy(sound, new.partial)
            counts[feed] = sound.record_count or 0
    return counts
