"""Lets a whole file in or refuses it: held against its manifest and the extract before it."""

from datetime import date

import duckdb

from pipelines.feeds.control_totals import hold_manifest, read_control_totals
from pipelines.feeds.file_gate import SoundFile, hold_not_empty
from pipelines.feeds.insertion import ReadyFile
from pipelines.feeds.json_members import hold_members
from pipelines.feeds.landing import LandedFile
from pipelines.feeds.manifest import Manifest, hold_identity
from pipelines.feeds.mapping import Mapping
from pipelines.feeds.parquet import describe, hold_checksums
from pipelines.feeds.refusal import FileRefused

SMALLEST_SHARE_OF_FULL = 0.5
"""A full extract with fewer rows than this share of the one before is taken for cut off."""

LastExtracts = dict[str, tuple[str, int, date | None]]
"""By mapping: name, records and date of the last full extract that this load let in."""


def admit(
    connection: duckdb.DuckDBPyConnection,
    file: LandedFile,
    mapping: Mapping,
    sound: SoundFile,
    last_extracts: LastExtracts,
) -> ReadyFile:
    """A sound file on its way into the ledger; what it warns of, and what proves it, go with it.

    Args:
        connection: On raw.duckdb.
        file: The landed file.
        mapping: What the retailer says of it.
        sound: What the file gate found in it.
        last_extracts: Written to where the file is a full extract.

    Raises:
        FileRefused: When it holds no records, is not what its manifest says, or is cut off.
    """
    if file.manifest:
        hold_identity(file.manifest, mapping.feed, sound.sha256)
    sound = hold_members(connection, mapping, describe(connection, mapping, sound))
    count = sound.record_count or 0
    hold_not_empty(mapping, count)
    _hold_against_last_extract(connection, file, mapping, count, last_extracts)
    manifest = file.manifest if isinstance(file.manifest, Manifest) else None
    return ReadyFile(
        landed=file,
        sound=sound,
        mapping=mapping.as_read(),
        file_id=0,
        record_count=count,
        is_proven=hold_checksums(mapping, sound, manifest),
        warning=_hold_totals(connection, file, mapping.as_read(), sound, count, manifest),
    )


def _hold_totals(
    connection: duckdb.DuckDBPyConnection,
    file: LandedFile,
    mapping: Mapping,
    sound: SoundFile,
    count: int,
    manifest: Manifest | None,
) -> str | None:
    """Refuse what its manifest does not match; returns what the ledger shall warn of."""
    warnings = []
    if sound.unmapped:
        warnings.append(f"not mapped: {', '.join(sound.unmapped)}")
    if sound.absent:
        warnings.append(f"not in the file: {', '.join(sound.absent)}")
    try:
        totals = read_control_totals(connection, mapping, sound, manifest)
    except duckdb.Error as error:
        raise FileRefused(mapping.format, str(error).splitlines()[0]) from error
    if manifest:
        hold_manifest(manifest, totals, count, file.name_values)
    for name, changed in totals.normalised.items():
        steps = ", ".join(mapping.normalise[name])
        warnings.append(f"normalised: {name} in {changed} row(s) ({steps})")
    return "; ".join(warnings) or None


def _hold_against_last_extract(
    connection: duckdb.DuckDBPyConnection,
    file: LandedFile,
    mapping: Mapping,
    count: int,
    last_extracts: LastExtracts,
) -> None:
    """Refuse a full extract that is much smaller than the one before it.

    A later one is no measure: where an old extract comes late, the house had grown since.
    """
    if mapping.delivery != "full" or not mapping.contract().is_dated_extract:
        return
    day = file.business_date
    last = last_extracts.get(mapping.name)
    if last is None or (day and last[2] and last[2] > day):
        last = connection.execute(
            """
            select file_name, row_count, last_date from ledger.file
            where
                mapping = ? and status = 'loaded' and file_name <> ?
                and (last_date <= ?::date or ? is null)
            order by last_date desc, file_id desc limit 1
            """,
            [mapping.name, file.name, day, day],
        ).fetchone()
    if last and count < SMALLEST_SHARE_OF_FULL * last[1]:
        raise FileRefused(
            "full extract",
            f"{count} rows, where {last[0]} had {last[1]}: cut off, or not a full extract?",
        )
    last_extracts[mapping.name] = (file.name, count, day)
