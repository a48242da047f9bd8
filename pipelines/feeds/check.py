"""Tries a file: the whole file gate and its contract, without loading anything."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.feeds import ledger
from pipelines.feeds.control_totals import hold_manifest, read_control_totals
from pipelines.feeds.file_gate import hold_not_empty, pass_file_gate, remove_copy
from pipelines.feeds.insertion import ReadyFile, load_with_care
from pipelines.feeds.json_members import hold_members
from pipelines.feeds.landing import LandedFile, iso_values
from pipelines.feeds.manifest import BrokenManifest, Manifest, Manifests, hold_identity
from pipelines.feeds.mapping import Mapping, claims_on
from pipelines.feeds.parquet import describe, hold_checksums
from pipelines.feeds.quarantined_share import refuse_wrong_files
from pipelines.feeds.raw_tables import create_tables
from pipelines.feeds.refusal import FileRefused
from pipelines.feeds.repeats import exclude_repeats
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
) -> list[CheckResult]:
    """Run one file through the load path, in memory; one result for each feed that it fills.

    Args:
        path: The file, wherever it lies; a manifest beside it is held too.
        name: Its name below landing/, by which a mapping claims it.
        mappings: The home's mappings.
        work: Directory for a normalised copy.
        show_rows: How many bad rows to return, those with the smallest line numbers.

    Raises:
        FileRefused: When the file would be refused whole.
        MappingError: When two mappings claim the file.
    """
    claims = claims_on(name, mappings)
    if not claims:
        raise FileRefused("mapping", f"no mapping claims {name}")
    manifests = Manifests(path.parent, [entry.name for entry in path.parent.iterdir()])
    return [
        _check_claim(
            path, name, mapping, values, manifests.of(path.name, mapping.feed), work, show_rows
        )
        for mapping, values in claims
    ]


def _check_claim(
    path: Path,
    name: str,
    mapping: Mapping,
    values: dict[str, str],
    manifest: Manifest | BrokenManifest | None,
    work: Path,
    show_rows: int,
) -> CheckResult:
    sound = pass_file_gate(path, mapping, work)
    try:
        if manifest:
            hold_identity(manifest, mapping.feed, sound.sha256)
        status = path.stat()
        landed = LandedFile(
            name=name,
            path=path,
            size_bytes=status.st_size,
            modified_ns=status.st_mtime_ns,
            mapping=mapping,
            name_values=iso_values(mapping, values),
            replaces=(),
        )
        with duckdb.connect() as connection:
            create_tables(connection)
            sound = hold_members(connection, mapping, describe(connection, mapping, sound))
            ready = ReadyFile(
                landed=landed,
                sound=sound,
                mapping=mapping.as_read(),
                file_id=1,
                record_count=sound.record_count or 0,
            )
            hold_not_empty(mapping, ready.record_count)
            hold_checksums(mapping, sound, manifest if isinstance(manifest, Manifest) else None)
            if isinstance(manifest, Manifest):
                totals = read_control_totals(connection, ready.mapping, sound, manifest)
                hold_manifest(manifest, totals, ready.record_count, landed.name_values)
            return _try_rows(connection, ready, show_rows)
    except duckdb.Error as error:
        raise FileRefused(mapping.format, str(error).splitlines()[0]) from error
    finally:
        remove_copy(sound, path)


def _try_rows(
    connection: duckdb.DuckDBPyConnection, ready: ReadyFile, show_rows: int
) -> CheckResult:
    """Load one file into an empty raw database and read what became of its rows."""
    contract = ready.mapping.contract()
    refused = load_with_care(connection, [ready], datetime.now(UTC))
    refused |= refuse_wrong_files(connection, [ready])
    if refused:
        raise refused[ready.file_id]
    entry = {
        "file_id": 1,
        "feed": contract.feed,
        "file_name": ready.landed.name,
        "sha256": ready.sound.sha256,
        "status": "loaded",
        "row_count": ready.record_count,
        "name_values": "",
        "mapping_version": "",
    }
    ledger.insert_files(connection, [entry])
    exclude_repeats(connection, contract, ledger.write_file_dates(connection, contract, [1]))
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
        feed=contract.feed,
        mapping=ready.mapping.name,
        unmapped=ready.sound.unmapped,
        row_count=counts[0],
        loaded_count=counts[1],
        quarantined_count=counts[2],
        duplicate_count=counts[3],
        bad_rows=tuple(BadRow(line_number=line, reasons=reasons) for line, reasons in bad),
    )
