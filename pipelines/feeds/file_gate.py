"""The file gate: proves that a file is whole before DuckDB reads it.

DuckDB's CSV reader takes a truncated gzip, a renamed header or a cut last field without a word
(see `docs/file_gate.md`), so each file is read once here, in large chunks: identity, compression,
encoding, line ends, header and record count. Values are the loader's business.
"""

import csv
import difflib
import io
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.feeds.mapping import Mapping
from pipelines.feeds.poslog import write_poslog_as_csv
from pipelines.feeds.quoting import hold_quoting
from pipelines.feeds.refusal import FileRefused
from pipelines.feeds.text_scan import CONTROL_BYTES, UNREADABLE, Decoder, Lines
from pipelines.feeds.unpack import LandedBytes, unpacked_chunks
from pipelines.feeds.workbook import write_workbook_as_csv

PARQUET_MAGIC = b"PAR1"


@dataclass(frozen=True, kw_only=True)
class SoundFile:
    """What the gate found in a sound file.

    Attributes:
        path: The file that DuckDB shall read: the landed one, or a normalised copy.
        sha256: Of the landed bytes.
        record_count: Data records, without the header; None where `parquet.describe` will tell.
        header: Column names in file order; empty where the format has no header.
        types: Their types, where the format has types.
        unmapped: Columns of the file that the mapping does not name.
        absent: Columns that the mapping names, that may be blank, and that the file lacks.
        is_held: Whether a damaged value would show: a text is proven otherwise, and a Parquet file
            by the checksums of its pages, where it has them.
    """

    path: Path
    sha256: str
    size_bytes: int
    record_count: int | None
    header: tuple[str, ...]
    unmapped: tuple[str, ...]
    absent: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    is_held: bool = True


def pass_file_gate(path: Path, mapping: Mapping, work: Path) -> SoundFile:
    """Read a landed file once and prove that it is whole.

    Args:
        path: The landed file.
        mapping: What the retailer says of it.
        work: Directory for a normalised copy, where one is needed.

    Raises:
        FileRefused: When it is not whole, not what the mapping says, or changed while read.
    """
    with LandedBytes(path) as landed:
        if landed.status.st_size == 0 and not _says_nothing(mapping):
            raise FileRefused("empty", "the file has no bytes")
        if mapping.format == "parquet":
            sound = _pass_parquet(landed)
        elif mapping.format in ("xlsx", "poslog"):
            sound = _pass_converted(landed, mapping, work)
        else:
            sound = _pass_text(landed, mapping, work)
        try:
            landed.raise_if_changed()
        except FileRefused:
            remove_copy(sound, path)
            raise
    return sound


def hold_not_empty(mapping: Mapping, record_count: int) -> None:
    """A file without records is a mistake, unless the contract says that it may happen.

    Raises:
        FileRefused: When it has none. A POSLog file is proven whole by its end tag, and need not
            have rows for each feed.
    """
    if record_count == 0 and not (mapping.contract().may_be_empty or mapping.format == "poslog"):
        raise FileRefused("empty", "the file holds no records")


def _says_nothing(mapping: Mapping) -> bool:
    """Whether a file without a byte says that nothing happened: JSON lines have no header."""
    return mapping.format == "jsonl" and mapping.contract().may_be_empty


def remove_copy(sound: SoundFile, landed: Path) -> None:
    """Remove the normalised copy of a landed file, where there is one."""
    if sound.path != landed:
        sound.path.unlink(missing_ok=True)


def _copy_path(work: Path) -> Path:
    """A name for a copy that no other file's copy has, even where two stores name files alike."""
    work.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix="normalised-", suffix=".csv", dir=work)
    os.close(number)
    return Path(name)


def _pass_parquet(landed: LandedBytes) -> SoundFile:
    landed.hash_to_end()
    size = landed.status.st_size
    head = os.pread(landed.file.fileno(), 4, 0)
    tail = os.pread(landed.file.fileno(), 4, max(size - 4, 0))
    if size < 12 or head != PARQUET_MAGIC or tail != PARQUET_MAGIC:
        raise FileRefused("parquet", "the file does not begin and end as Parquet: cut off?")
    return SoundFile(
        path=landed.path,
        sha256=landed.sha256,
        size_bytes=size,
        record_count=None,
        header=(),
        unmapped=(),
    )


def _pass_converted(landed: LandedBytes, mapping: Mapping, work: Path) -> SoundFile:
    """Workbooks and POSLog: a normalised CSV copy, whose record n is the format's own record n."""
    copy = _copy_path(work)
    try:
        if mapping.format == "poslog":
            names, count = write_poslog_as_csv(unpacked_chunks(landed), mapping.feed, copy)
        else:
            landed.hash_to_end()
            names, count = write_workbook_as_csv(landed.path, mapping, copy)
        header = hold_header(names, mapping)
        unmapped = unmapped_columns(header, mapping)
    except FileRefused:
        copy.unlink(missing_ok=True)
        raise
    return SoundFile(
        path=copy,
        sha256=landed.sha256,
        size_bytes=landed.status.st_size,
        record_count=count,
        header=header,
        unmapped=unmapped,
        absent=absent_columns(header, mapping),
    )


def _pass_text(landed: LandedBytes, mapping: Mapping, work: Path) -> SoundFile:
    """CSV and JSON lines: encoding, control bytes, line ends, header, record count."""
    lines = Lines(has_quotes=mapping.format == "csv", delimiter=mapping.delimiter.encode())
    decoder = Decoder(mapping.encoding)
    for chunk in unpacked_chunks(landed):
        if decoder.is_utf8:
            decoder.check(chunk)
            lines.count(chunk)
        else:
            lines.count(decoder.decode(chunk).encode())
    decoder.end()
    if not lines.head and not _says_nothing(mapping):
        raise FileRefused("empty", "the compressed file holds no bytes")
    if lines.in_quotes:
        raise FileRefused("quotes", "a quoted field is never closed")
    if lines.head and lines.last_byte not in (b"\n", b"\r"):
        raise FileRefused("cut off", "the last line has no line end")
    if lines.has_mixed_ends:
        lines.records += lines.returns - lines.crlf
    header = _header(lines.head, mapping) if mapping.format == "csv" else ()
    unmapped = unmapped_columns(header, mapping)
    is_zip = landed.path.suffix == ".zip"
    as_landed = decoder.is_utf8 and not (lines.has_mixed_ends or lines.has_control_bytes or is_zip)
    sound = SoundFile(
        path=landed.path if as_landed else _write_copy(landed, mapping, lines, work),
        sha256=landed.sha256,
        size_bytes=landed.status.st_size,
        record_count=lines.records - (mapping.format == "csv"),
        header=header,
        unmapped=unmapped,
        absent=absent_columns(header, mapping),
    )
    if lines.has_stray_quotes:
        try:
            hold_quoting(sound.path, mapping.delimiter, lines.records - 1)
        except FileRefused:
            remove_copy(sound, landed.path)
            raise
    return sound


def _write_copy(landed: LandedBytes, mapping: Mapping, lines: Lines, work: Path) -> Path:
    """A plain UTF-8 copy with LF only: DuckDB refuses a whole file for one mixed line end."""
    target = _copy_path(work)
    marks = str.maketrans({chr(code): UNREADABLE for code in CONTROL_BYTES})
    decoder = Decoder(mapping.encoding)
    with LandedBytes(landed.path) as again, target.open("w", encoding="utf-8", newline="") as copy:
        held = ""
        for chunk in unpacked_chunks(again):
            text = held + decoder.decode(chunk)
            held = "\r" if text.endswith("\r") else ""
            text = text[: len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n")
            copy.write(text.translate(marks) if lines.has_control_bytes else text)
        copy.write("\n" if held else "")
    return target


def _header(head: bytes, mapping: Mapping) -> tuple[str, ...]:
    """The header of a CSV file."""
    text = head.decode("utf-8", errors="ignore").removeprefix("\ufeff")
    record = next(csv.reader(io.StringIO(text, newline=""), delimiter=mapping.delimiter), [])
    return hold_header(record, mapping)


def hold_header(record: list[str], mapping: Mapping) -> tuple[str, ...]:
    """A header held against the mapping by name, never by position.

    Raises:
        FileRefused: When a column that the mapping needs is not there, or one is there twice.
    """
    header = tuple(name.strip() for name in record)
    # Without a header this is the first row, which may be a person's.
    shown = f"has {len(header)} columns" if mapping.contract().names_people else ""
    for own, name in mapping.mapped.items():
        column = mapping.contract().column(name)
        if own not in header and column.required and column.default is None:
            hint = nearest(own, header) or f"; it {shown or 'reads ' + ', '.join(header)}"
            raise FileRefused("header", f"the header has no column {own!r}{hint}")
    if repeated := sorted({name for name in header if header.count(name) > 1}):
        raise FileRefused(
            "header", f"the header names {'a column' if shown else repr(repeated[0])} twice"
        )
    return header


def nearest(own: str, names: Sequence[str]) -> str:
    """What a column that is not there may have become, in words; nothing where no name is near."""
    near = difflib.get_close_matches(own, names, n=1)
    return f"; did it become {near[0]!r}?" if near else ""


def absent_columns(header: tuple[str, ...], mapping: Mapping) -> tuple[str, ...]:
    """Columns that the mapping names and a header, where there is one, has not."""
    return tuple(own for own in mapping.mapped if header and own not in header)


def unmapped_columns(header: tuple[str, ...], mapping: Mapping) -> tuple[str, ...]:
    """Columns of a header that the mapping neither reads nor leaves out on purpose.

    Raises:
        FileRefused: When there are any, and the mapping allows none.
    """
    named = {*mapping.mapped, *mapping.left_out}
    found = tuple(name for name in header if name not in named)
    if found and mapping.new_columns == "refuse":
        told = f"{len(found)} column(s)" if mapping.contract().names_people else ", ".join(found)
        raise FileRefused(
            "new columns", f"the mapping allows no column that it does not name: {told}"
        )
    return found
