"""The file gate: proves that a file is whole before DuckDB reads it.

DuckDB's CSV reader takes a truncated gzip, a renamed header or a cut last field without a word
(see `docs/file_gate.md`), so each file is read once here, in large chunks: identity, compression,
encoding, line ends, header and record count. Values are the loader's business.
"""

import codecs
import csv
import difflib
import io
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.feeds.mapping import Mapping
from pipelines.feeds.poslog import write_poslog_as_csv
from pipelines.feeds.reader import MAXIMUM_LINE_BYTES
from pipelines.feeds.refusal import FileRefused
from pipelines.feeds.unpack import LandedBytes, unpacked_chunks
from pipelines.feeds.workbook import write_workbook_as_csv

HEAD_BYTES = 1 << 20
"""A header that is longer than this is no header."""

PARQUET_MAGIC = b"PAR1"

UNREADABLE = "\ufffd"
"""Stands in a copy where the file holds a control byte; the loader quarantines such a row."""

CONTROL_BYTES = bytes(code for code in range(32) if code not in b"\t\n\r") + b"\x7f"


@dataclass(frozen=True, kw_only=True)
class SoundFile:
    """What the gate found in a sound file.

    Attributes:
        path: The file that DuckDB shall read: the landed one, or a normalised copy.
        sha256: Of the landed bytes.
        record_count: Data records, without the header; None where the format counts itself.
        header: Column names in file order; empty where the format has no header line.
        unmapped: Columns of the file that the mapping does not name.
        absent: Columns that the mapping names, that may be blank, and that the file lacks.
    """

    path: Path
    sha256: str
    size_bytes: int
    record_count: int | None
    header: tuple[str, ...]
    unmapped: tuple[str, ...]
    absent: tuple[str, ...] = ()


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
        if landed.status.st_size == 0:
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
        header = _hold_header(names, mapping)
    except FileRefused:
        copy.unlink(missing_ok=True)
        raise
    return SoundFile(
        path=copy,
        sha256=landed.sha256,
        size_bytes=landed.status.st_size,
        record_count=count,
        header=header,
        unmapped=_unmapped(header, mapping),
    )


class _Decoder:
    """Strict decoding of the declared encoding, with the place of the first wrong byte.

    A single-byte code page decodes nearly any bytes, so text that is sound UTF-8 is not believed
    to be anything else: that is how mojibake begins.
    """

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        codec = codecs.lookup(encoding).name
        self.is_utf8 = codec in ("utf-8", "ascii")
        self._is_utf16 = codec == "utf-16"
        self._decoder = codecs.getincrementaldecoder(codec)(errors="strict")
        is_other = not self.is_utf8 and not codec.startswith(("utf-16", "utf-32", "utf-8"))
        self._utf8 = codecs.getincrementaldecoder("utf-8")() if is_other else None
        is_single = is_other and len("é".encode(codec, errors="replace")) == 1
        # Chinese text of two bytes a character can be UTF-8 of two bytes by chance, not of three.
        self._telling = "\x80" if is_single else "\u0800"
        self._looks_utf8 = False
        self._offset = 0

    def decode(self, chunk: bytes) -> str:
        if (
            self._offset == 0
            and self._is_utf16
            and not chunk.startswith((b"\xff\xfe", b"\xfe\xff"))
        ):
            raise FileRefused(
                "encoding", "no byte order mark at byte 0: declare utf-16-le or utf-16-be"
            )
        held = len(self._decoder.getstate()[0])
        try:
            text = self._decoder.decode(chunk)
        except UnicodeDecodeError as error:
            place = self._offset - held + error.start
            raise FileRefused(
                "encoding", f"byte {place} is not {self.encoding}: {error.reason}"
            ) from error
        self._offset += len(chunk)
        self._try_utf8(chunk)
        return text

    def _try_utf8(self, chunk: bytes) -> None:
        if self._utf8 is None:
            return
        try:
            text = self._utf8.decode(chunk)
        except UnicodeDecodeError:
            self._utf8, self._looks_utf8 = None, False
        else:
            self._looks_utf8 = self._looks_utf8 or max(text, default="") >= self._telling

    def end(self) -> None:
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise FileRefused("encoding", f"the file ends within a character: {error}") from None
        if self._looks_utf8:
            raise FileRefused("encoding", f"the file is UTF-8 and not {self.encoding}")


@dataclass
class _Lines:
    """Counts physical lines and records, chunk by chunk, without a loop over rows."""

    has_quotes: bool
    newlines: int = 0
    returns: int = 0
    crlf: int = 0
    records: int = 0
    in_quotes: bool = False
    has_control_bytes: bool = False
    last_byte: bytes = b""
    head: bytes = field(default=b"", repr=False)
    _line_bytes: int = 0
    _bytes: int = 0

    def count(self, chunk: bytes) -> None:
        if not chunk:
            return
        if len(self.head) < HEAD_BYTES:
            self.head += chunk
        newlines = chunk.count(b"\n")
        self.newlines += newlines
        self.returns += chunk.count(b"\r")
        self.crlf += chunk.count(b"\r\n") + (self.last_byte == b"\r" and chunk[:1] == b"\n")
        if self.has_quotes and (self.in_quotes or b'"' in chunk):
            parts = chunk.split(b'"')
            self.records += sum(part.count(b"\n") for part in parts[self.in_quotes :: 2])
            self.in_quotes ^= (len(parts) - 1) % 2 == 1
        else:
            self.records += newlines
        if not self.has_control_bytes:
            self.has_control_bytes = len(chunk.translate(None, CONTROL_BYTES)) != len(chunk)
        self._hold_line_length(chunk)
        self._bytes += len(chunk)
        self.last_byte = chunk[-1:]

    def _hold_line_length(self, chunk: bytes) -> None:
        """No stretch of MAXIMUM_LINE_BYTES without a line end, in leaps of that length."""
        begin = -self._line_bytes
        while len(chunk) - begin > MAXIMUM_LINE_BYTES:
            stretch = chunk[max(begin, 0) : begin + MAXIMUM_LINE_BYTES]
            place = max(stretch.rfind(b"\n"), stretch.rfind(b"\r"))
            if place < 0:
                raise FileRefused(
                    "line length",
                    f"the line at byte {self._bytes + begin} is longer than {MAXIMUM_LINE_BYTES}",
                )
            begin = max(begin, 0) + place + 1
        rest = chunk[max(begin, 0) :]
        place = max(rest.rfind(b"\n"), rest.rfind(b"\r"))
        self._line_bytes = len(chunk) - begin if place < 0 else len(rest) - place - 1

    @property
    def has_mixed_ends(self) -> bool:
        return self.returns > 0 and not self.returns == self.crlf == self.newlines


def _pass_text(landed: LandedBytes, mapping: Mapping, work: Path) -> SoundFile:
    """CSV and JSON lines: encoding, control bytes, line ends, header, record count."""
    lines = _Lines(has_quotes=mapping.format == "csv")
    decoder = _Decoder(mapping.encoding)
    for chunk in unpacked_chunks(landed):
        text = decoder.decode(chunk)
        lines.count(chunk if decoder.is_utf8 else text.encode())
    decoder.end()
    if not lines.head:
        raise FileRefused("empty", "the compressed file holds no bytes")
    if lines.in_quotes:
        raise FileRefused("quotes", "a quoted field is never closed")
    if lines.last_byte not in (b"\n", b"\r"):
        raise FileRefused("cut off", "the last line has no line end")
    if lines.has_mixed_ends:
        lines.records += lines.returns - lines.crlf
    header = _header(lines.head, mapping) if mapping.format == "csv" else ()
    is_zip = landed.path.suffix == ".zip"
    as_landed = decoder.is_utf8 and not (lines.has_mixed_ends or lines.has_control_bytes or is_zip)
    return SoundFile(
        path=landed.path if as_landed else _write_copy(landed, mapping, lines, work),
        sha256=landed.sha256,
        size_bytes=landed.status.st_size,
        record_count=lines.records - (mapping.format == "csv"),
        header=header,
        unmapped=_unmapped(header, mapping),
        absent=tuple(own for own in mapping.mapped if header and own not in header),
    )


def _write_copy(landed: LandedBytes, mapping: Mapping, lines: _Lines, work: Path) -> Path:
    """A plain UTF-8 copy with LF only: DuckDB refuses a whole file for one mixed line end."""
    target = _copy_path(work)
    marks = str.maketrans({chr(code): UNREADABLE for code in CONTROL_BYTES})
    decoder = _Decoder(mapping.encoding)
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
    return _hold_header(record, mapping)


def _hold_header(record: list[str], mapping: Mapping) -> tuple[str, ...]:
    """A header held against the mapping by name, never by position."""
    header = tuple(name.strip() for name in record)
    for own, name in mapping.mapped.items():
        column = mapping.contract().column(name)
        if own not in header and column.required and column.default is None:
            near = difflib.get_close_matches(own, header, n=1)
            hint = f"; did it become {near[0]!r}?" if near else f"; it reads {', '.join(header)}"
            raise FileRefused("header", f"the header has no column {own!r}{hint}")
    if repeated := sorted({name for name in header if header.count(name) > 1}):
        raise FileRefused("header", f"the header names {repeated[0]!r} twice")
    return header


def _unmapped(header: tuple[str, ...], mapping: Mapping) -> tuple[str, ...]:
    return tuple(name for name in header if name not in {*mapping.mapped, *mapping.left_out})
