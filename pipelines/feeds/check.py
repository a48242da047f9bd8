"""Tries a file: the whole file gate and its contract, without loading anything."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.feeds import ledger
from pipelines.feeds.file_gate import FileRefused, pass_file_gate
from pipelines.feeds.insertion import ReadyFile, count_records, load_with_care
from pipelines.feeds.landing import LandedFile
from pipelines.feeds.mapping import Mapping, mapping_for
from pipelines.sql import fetch_one


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A row that would go to quarantine."""

    line_number: int
    reasons: str


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What would become of a file's rows; `duplicate_count` counts repeats within the file."""

    feed: str
    mapping: str
    unmapped: tuple[str, ...]
    row_count: int
    loaded_count: int
    quarantined_count: int
    duplicate_count: int
    bad_rows: tuple[BadRow, ...]


def check_file(
    path: Path, *, name: str, mappings: list[Mapping], work: Path, show_rows: int = 10
) -> CheckResult:
    """Run one file through the load path, in memory.

    Args:
        path: The file, wherever it lies.
        name: Its name below landing/, by which a mapping claims it.
        mappings: The home's mappings.
        work: Directory for a transcoded copy.
        show_rows: How many bad rows to return, those with the smallest line numbers.

    Raises:
        FileRefused: When the file would be refused whole.
        MappingError: When two mappings claim the file.
    """
    claim = mapping_for(name, mappings)
    if claim is None:
        raise FileRefused("mapping", f"no mapping claims {name}")
    mapping, values = claim
    sound = pass_file_gate(path, mapping, work)
    status = path.stat()
    contract = mapping.contract()
    with duckdb.connect() as connection:
        ledger.create_tables(connection)
        landed = LandedFile(
            name=name,
            path=path,
            size_bytes=status.st_size,
            modified_ns=status.st_mtime_ns,
            mapping=mapping,
            name_values=values,
            replaces=None,
        )
        try:
            ready = ReadyFile(
                landed=landed,
                sound=sound,
                mapping=mapping,
                file_id=1,
                record_count=count_records(connection, mapping, sound),
            )
            refused = load_with_care(connection, [ready], datetime.now(UTC))
            if refused:
                raise refused[ready.file_id]
        except duckdb.Error as error:
            raise FileRefused(mapping.format, str(error).splitlines()[0]) from error
        finally:
            if sound.path != path:
                sound.path.unlink(missing_ok=True)
        ledger.insert_file(
            connection,
            file_id=1,
            feed=mapping.feed,
            file_name=name,
            sha256=sound.sha256,
            status="loaded",
            row_count=ready.record_count,
            name_values="",
            mapping_version="",
        )
        ledger.exclude_repeats(
            connection, contract, ledger.write_file_dates(connection, contract, [1])
        )
        counts = fetch_one(
            connection,
            "select row_count, loaded_count, quarantined_count, duplicate_count from ledger.file",
        )
        bad = connection.execute(
            """
            select line_number, reasons from quarantine.row
            union all
            select line_number, reason from ledger.excluded_row where kind = 'conflict'
            order by line_number
            limit ?
            """,
            [show_rows],
        ).fetchall()
    return CheckResult(
        feed=mapping.feed,
        mapping=mapping.name,
        unmapped=sound.unmapped,
        row_count=counts[0],
        loaded_count=counts[1],
        quarantined_count=counts[2],
        duplicate_count=counts[3],
        bad_rows=tuple(BadRow(line_number=line, reasons=reasons) for line, reasons in bad),
    )
