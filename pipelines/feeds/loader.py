"""Loads landed files into raw.duckdb: gate, types, quarantine, repeats, ledger.

Files of one shape are loaded together, since 200 small files cost 20 times less in one statement.
A batch in which any row is not sound is rolled back and loaded with care, row by row verdict.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path

import duckdb

from pipelines.feeds import ledger
from pipelines.feeds.admission import LastExtracts, admit
from pipelines.feeds.file_gate import SoundFile, pass_file_gate, remove_copy
from pipelines.feeds.insertion import ReadyFile, load_at_once, load_with_care
from pipelines.feeds.landing import LandedFile, find_landed, split_settled
from pipelines.feeds.mapping import Mapping
from pipelines.feeds.quarantined_share import refuse_wrong_files
from pipelines.feeds.raw_tables import create_tables
from pipelines.feeds.refusal import FileRefused
from pipelines.feeds.repeated_hour import settle_repeated_hour
from pipelines.feeds.repeats import exclude_repeats
from pipelines.redaction import mask
from pipelines.sql import fetch_one, transaction

logger = logging.getLogger(__name__)

BATCH_RECORDS = 2_000_000
"""Records of one statement: enough to spread its cost, few enough to keep memory flat."""


@dataclass
class LoadSummary:
    """What one load did; counts of files, and of the rows of the files it loaded.

    Attributes:
        unproven: By feed, the loaded files that no checksum proves whole.
    """

    loaded: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)
    not_ready: list[str] = field(default_factory=list)
    unproven: Counter[str] = field(default_factory=Counter)
    row_count: int = 0
    loaded_count: int = 0
    quarantined_count: int = 0
    duplicate_count: int = 0


def load_landed_files(
    connection: duckdb.DuckDBPyConnection,
    *,
    landing: Path,
    mappings: list[Mapping],
    work: Path,
    until: date | None = None,
    settle_seconds: float = 0,
    threads: int = 2,
    on_progress: Callable[[str], None] = logger.info,
) -> LoadSummary:
    """Load every file that waits in the landing directory.

    Each batch of files commits rows, quarantine and ledger together, so that a kill leaves only
    whole files behind and the next load takes the rest.

    Args:
        connection: A writing connection on raw.duckdb.
        landing: The landing directory; nothing in it is changed.
        mappings: The home's mappings.
        work: Directory for normalised copies.
        until: Files dated later are left for a later run.
        settle_seconds: Files changed more recently are left for a later run.
        threads: Files to gate at the same time.
        on_progress: Told a sentence now and then.

    Raises:
        MappingError: When two mappings claim one file.
    """
    create_tables(connection)
    ledger.write_deliveries(connection, {mapping.name: mapping.delivery for mapping in mappings})
    summary = LoadSummary()
    load = _Load(connection, work, ledger.next_id(connection, "load_id"), summary)
    # A file that replaces another may set a skipped copy of the old content free: look again.
    while True:
        landed = find_landed(landing, mappings, ledger.known_files(connection), until)
        settled, waiting = split_settled(landed, settle_seconds)
        summary.not_ready = [file.name for file in waiting]
        if not settled:
            return summary
        on_progress(f"loading {len(settled)} landed file(s)")
        load.take(settled, threads, on_progress)


class _NotWhole(Exception):
    """A load at once left records out."""


class _Load:
    """One load run: keeps the connection, the counters and the summary together."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, work: Path, load_id: int, summary: LoadSummary
    ) -> None:
        self.connection = connection
        self.work = work
        self.load_id = load_id
        self.loaded_at = datetime.now(UTC)
        self.summary = summary
        self.last_extract: LastExtracts = {}
        self.contents = ledger.loaded_contents(connection)
        self.waiting: dict[ledger.Content, str] = {}

    def take(
        self, files: list[LandedFile], threads: int, on_progress: Callable[[str], None]
    ) -> None:
        with ThreadPoolExecutor(threads) as pool:
            for batch in _batches(self._gate(files, pool)):
                try:
                    self._load_batch(batch)
                finally:
                    for ready in batch:
                        self.waiting.pop(_content(ready), None)
                        remove_copy(ready.sound, ready.landed.path)
                on_progress(
                    f"  {batch[-1].landed.name}: {self.summary.row_count:,} rows in "
                    f"{len(self.summary.loaded)} files so far"
                )

    def _gate(self, files: list[LandedFile], pool: ThreadPoolExecutor) -> Iterator[ReadyFile]:
        """Sound files in order; the others go into the ledger as refused, strange or repeated."""

        def look(file: LandedFile) -> SoundFile | FileRefused | None:
            if file.mapping is None:
                return None
            try:
                return pass_file_gate(file.path, file.mapping, self.work)
            except FileRefused as refusal:
                return refusal

        for file, found in zip(files, pool.map(look, files), strict=True):
            if file.mapping is None or found is None:
                self._refuse(file, "mapping", "no mapping claims this file name")
                self.summary.strangers.append(file.name)
                continue
            if isinstance(found, FileRefused):
                self._refuse(file, found.rule, found.reason)
                continue
            try:
                ready = admit(self.connection, file, file.mapping, found, self.last_extract)
            except FileRefused as refusal:
                remove_copy(found, file.path)
                self._refuse(file, refusal.rule, refusal.reason)
                continue
            content = _content(ready)
            original = self.waiting.get(content) or self.contents.get(content)
            # The name of a correction is its rank: one that says what an earlier one said counts.
            if original and original != file.name and not file.mapping.corrects:
                remove_copy(found, file.path)
                self._note_duplicate(ready, original)
                continue
            self.waiting[content] = file.name
            yield ready

    def _load_batch(self, batch: list[ReadyFile]) -> None:
        """All files in one transaction: at once, or with care when any row is not sound."""
        first = ledger.next_id(self.connection, "file_id")
        batch = [replace(ready, file_id=first + place) for place, ready in enumerate(batch)]
        try:
            with transaction(self.connection):
                if not load_at_once(self.connection, batch, self.loaded_at):
                    raise _NotWhole
                self._finish(batch)
        except (duckdb.Error, _NotWhole):
            self._load_carefully(batch)
            return
        self._add_up(batch)

    def _load_carefully(self, batch: list[ReadyFile]) -> None:
        """Row by row verdict; a file that DuckDB cannot read at all must not hold up the others."""
        try:
            with transaction(self.connection):
                refused = load_with_care(self.connection, batch, self.loaded_at)
                refused |= refuse_wrong_files(self.connection, batch)
                whole = [ready for ready in batch if ready.file_id not in refused]
                if whole:
                    self._finish(whole)
        except duckdb.Error as error:
            if len(batch) > 1:
                for ready in batch:
                    self._load_carefully([ready])
            else:
                reason = str(error).splitlines()[0]
                self._refuse(batch[0].landed, batch[0].mapping.format, reason)
            return
        if whole:
            self._add_up(whole)
        for ready in batch:
            if refusal := refused.get(ready.file_id):
                self._refuse(ready.landed, refusal.rule, refusal.reason)

    def _finish(self, batch: list[ReadyFile]) -> None:
        """Ledger entries, superseded versions, dates and repeats, inside the transaction."""
        contract = batch[0].mapping.contract()
        dates: set[date] = set()
        ledger.insert_files(
            self.connection, [self._entry(ready, status="loaded") for ready in batch]
        )
        for ready in batch:
            settle_repeated_hour(self.connection, ready)
            dates |= self._supersede(ready)
        ids = [ready.file_id for ready in batch]
        dates.update(ledger.write_file_dates(self.connection, contract, ids))
        exclude_repeats(self.connection, contract, dates)

    def _supersede(self, ready: ReadyFile) -> set[date]:
        """Take out what older versions of a file hold; returns the dates of their rows."""
        dates: set[date] = set()
        for file_id in ready.landed.replaces:
            dates |= set(
                ledger.supersede(self.connection, ready.mapping.contract(), file_id, ready.file_id)
            )
        return dates

    def _entry(self, ready: ReadyFile, **verdict: object) -> dict[str, object]:
        return {
            **self._identity(ready.landed),
            "file_id": ready.file_id,
            "sha256": ready.sound.sha256,
            "warning": ready.warning,
            "is_proven": ready.is_proven,
            "row_count": ready.record_count,
            "name_values": ready.name_values,
            **verdict,
        }

    def _identity(self, file: LandedFile) -> dict[str, object]:
        return {
            "feed": file.mapping.feed if file.mapping else None,
            "mapping": file.mapping.name if file.mapping else None,
            "mapping_version": file.version,
            "delivery": file.mapping.delivery if file.mapping else None,
            "file_name": file.name,
            "size_bytes": file.size_bytes,
            "modified_ns": file.modified_ns,
            "load_id": self.load_id,
            "loaded_at": self.loaded_at,
        }

    def _note_duplicate(self, ready: ReadyFile, original: str) -> None:
        ready = replace(ready, file_id=ledger.next_id(self.connection, "file_id"))
        entry = self._entry(
            ready,
            status="duplicate",
            reason=f"same content as {original}",
            loaded_count=0,
            quarantined_count=0,
            duplicate_count=ready.record_count,
        )
        with transaction(self.connection):
            ledger.insert_files(self.connection, [entry])
            if ready.landed.replaces:
                dates = self._supersede(ready)
                exclude_repeats(self.connection, ready.mapping.contract(), dates)
                self.contents = ledger.loaded_contents(self.connection)
        self.summary.duplicates.append(ready.landed.name)

    def _refuse(self, file: LandedFile, rule: str, reason: str) -> None:
        """Write the refusal down; the version of the file that was loaded before stays loaded."""
        # A reason may quote the file: a header that is missing shows its first row.
        reason = mask(reason)
        entry = {
            **self._identity(file),
            "file_id": ledger.next_id(self.connection, "file_id"),
            "status": "refused",
            "reason": f"{rule}: {reason}",
        }
        ledger.insert_files(self.connection, [entry])
        logger.warning("refused %s: %s: %s", file.name, rule, reason)
        if file.mapping:
            self.summary.refused[file.name] = f"{rule}: {reason}"

    def _add_up(self, batch: list[ReadyFile]) -> None:
        """Note what a committed batch holds, and count its rows."""
        if any(ready.landed.replaces for ready in batch):
            self.contents = ledger.loaded_contents(self.connection)
        else:
            self.contents |= {_content(ready): ready.landed.name for ready in batch}
        counts = fetch_one(
            self.connection,
            """
            select sum(row_count), sum(loaded_count), sum(quarantined_count), sum(duplicate_count)
            from ledger.file where file_id in (select unnest(?))
            """,
            [[ready.file_id for ready in batch]],
        )
        self.summary.loaded.extend(ready.landed.name for ready in batch)
        self.summary.unproven.update(ready.mapping.feed for ready in batch if not ready.is_proven)
        self.summary.row_count += int(counts[0])
        self.summary.loaded_count += int(counts[1])
        self.summary.quarantined_count += int(counts[2])
        self.summary.duplicate_count += int(counts[3])


def _content(ready: ReadyFile) -> ledger.Content:
    mapping = ready.mapping
    return ledger.Content(mapping.feed, ready.sound.sha256, ready.name_values, mapping.delivery)


def _batches(files: Iterator[ReadyFile]) -> Iterator[list[ReadyFile]]:
    """Neighbours of one shape, up to `BATCH_RECORDS`."""
    for _, group in groupby(files, _shape):
        batch: list[ReadyFile] = []
        records = 0
        for ready in group:
            if batch and records + ready.record_count > BATCH_RECORDS:
                yield batch
                batch, records = [], 0
            batch.append(ready)
            records += ready.record_count
        if batch:
            yield batch


def _shape(ready: ReadyFile) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """What files have in common that are read in one statement."""
    return ready.mapping.name, ready.sound.header, ready.sound.types
