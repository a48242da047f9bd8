"""The file gate: proves that a file is whole before DuckDB reads it.

DuckDB's CSV reader takes a truncated gzip, a renamed header or a cut last field without a word
(see `docs/file_gate.md`), so each file is read once here, in large chunks: identity, compression,
encoding, line ends, header and record count. Values are the loader's business.
"""

import codecs
import csv
import difflib
import gzip
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.feeds.mapping import Mapping

CHUNK_BYTES = 1 << 22
HEAD_BYTES = 1 << 20
"""A header that is longer than this is no header."""

PARQUET_MAGIC = b"PAR1"


class FileRefused(Exception):
    """A file that is refused whole.

    Attributes:
        rule: Short name of the broken rule, such as `gzip`.
        reason: What is wrong, with the place in the file.
    """

    def __init__(self, rule: str, reason: str) -> None:
        """Keep rule and reason apart for the ledger."""
        super().__init__(f"{rule}: {reason}")
        self.rule = rule
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class SoundFile:
    """What the gate found in a sound file.

    Attributes:
        path: The file that DuckDB shall read: the landed one, or a transcoded copy.
        sha256: Of the landed bytes.
        record_count: Data records, without the header; None where the format counts itself.
        header: Column names in file order; empty where the format has no header line.
        unmapped: Columns of the file that the mapping does not name.
    """

    path: Path
    sha256: str
    size_bytes: int
    record_count: int | None
    header: tuple[str, ...]
    unmapped: tuple[str, ...]


def pass_file_gate(path: Path, mapping: Mapping, work: Path) -> SoundFile:
    """Read a landed file once and prove that it is whole.

    Args:
        path: The landed file.
        mapping: What the retailer says of it.
        work: Directory for a transcoded copy, where one is needed.

    Raises:
        FileRefused: When it is not whole, not what the mapping says, or changed while read.
    """
    before = _regular_file(path)
    if before.st_size == 0:
        raise FileRefused("empty", "the file has no bytes")
    sound = _pass_parquet(path) if mapping.format == "parquet" else _pass_text(path, mapping, work)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise FileRefused("moving", "the file changed while it was read")
    return sound


def _regular_file(path: Path) -> os.stat_result:
    """The file's state, never following a link out of the landing directory."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise FileRefused("regular file", "only plain files are read, no links, pipes or devices")
    return status


def _pass_parquet(path: Path) -> SoundFile:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
        file.seek(0)
        head = file.read(4)
        file.seek(-4, os.SEEK_END)
        if head != PARQUET_MAGIC or file.read(4) != PARQUET_MAGIC:
            raise FileRefused("parquet", "the file does not begin and end as Parquet: cut off?")
    return SoundFile(
        path=path,
        sha256=digest.hexdigest(),
        size_bytes=path.stat().st_size,
        record_count=None,
        header=(),
        unmapped=(),
    )


class _HashingReader(io.RawIOBase):
    """A file whose bytes are hashed as they are read, so that a file is read once."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]  # any writable buffer
        count = self._file.readinto(buffer) or 0
        self.digest.update(memoryview(buffer)[:count])
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def _chunks(path: Path, reader: _HashingReader) -> Iterator[bytes]:
    """The file's bytes, decompressed; gzip's own checksum and length are held."""
    buffered = io.BufferedReader(reader, CHUNK_BYTES)
    if path.suffix != ".gz":
        while chunk := buffered.read(CHUNK_BYTES):
            yield chunk
        return
    unpacked = 0
    try:
        with gzip.GzipFile(fileobj=buffered) as file:
            while chunk := file.read(CHUNK_BYTES):
                unpacked += len(chunk)
                yield chunk
    except (EOFError, OSError, zlib.error) as error:
        raise FileRefused("gzip", f"{error}, after {unpacked} bytes unpacked") from error
    while buffered.read(CHUNK_BYTES):
        pass


@dataclass
class _Lines:
    """Counts physical lines and records, chunk by chunk, without a loop over rows."""

    has_quotes: bool
    newlines: int = 0
    returns: int = 0
    crlf: int = 0
    records: int = 0
    in_quotes: bool = False
    last_byte: bytes = b""

    def count(self, chunk: bytes) -> None:
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
        self.last_byte = chunk[-1:]

    @property
    def has_mixed_ends(self) -> bool:
        return self.returns > 0 and not self.returns == self.crlf == self.newlines


def _pass_text(path: Path, mapping: Mapping, work: Path) -> SoundFile:
    """CSV and JSON lines: encoding, NUL, line ends, header, record count."""
    reader = _HashingReader(path)
    lines = _Lines(has_quotes=mapping.format == "csv")
    codec = codecs.lookup(mapping.encoding).name
    decoder = codecs.getincrementaldecoder(codec)(errors="strict")
    head = b""
    offset = 0
    work.mkdir(parents=True, exist_ok=True)
    copy = work / f"{os.getpid()}-{path.name}.utf8"
    is_utf8 = codec in ("utf-8", "ascii")
    try:
        with reader, copy.open("wb") if not is_utf8 else io.BytesIO() as target:
            for chunk in _chunks(path, reader):
                try:
                    text = decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    raise FileRefused(
                        "encoding",
                        f"byte {offset + error.start} is not {mapping.encoding}: {error.reason}",
                    ) from error
                plain = chunk if is_utf8 else text.encode()
                offset += len(chunk)
                if (place := plain.find(b"\0")) >= 0:
                    raise FileRefused("NUL", f"byte {offset - len(chunk) + place} is NUL")
                if len(head) < HEAD_BYTES:
                    head += plain
                lines.count(plain)
                if not is_utf8:
                    target.write(plain)
            try:
                decoder.decode(b"", final=True)
            except UnicodeDecodeError as error:
                raise FileRefused(
                    "encoding", f"the file ends within a character: {error}"
                ) from None
        if offset == 0:
            raise FileRefused("empty", "the compressed file holds no bytes")
        if lines.in_quotes:
            raise FileRefused("quotes", "a quoted field is never closed")
        if lines.last_byte not in (b"\n", b"\r"):
            raise FileRefused("cut off", "the last line has no line end")
        if lines.has_mixed_ends:
            copy = _normalise_line_ends(path if is_utf8 else copy, work / f"{copy.name}.lf")
            lines.records += lines.returns - lines.crlf
            is_utf8 = False
        header, unmapped = _header(head, mapping) if mapping.format == "csv" else ((), ())
    except FileRefused:
        copy.unlink(missing_ok=True)
        raise
    return SoundFile(
        path=path if is_utf8 else copy,
        sha256=reader.digest.hexdigest(),
        size_bytes=path.stat().st_size,
        record_count=lines.records - (mapping.format == "csv"),
        header=header,
        unmapped=unmapped,
    )


def _normalise_line_ends(source: Path, target: Path) -> Path:
    """A copy with LF only: DuckDB refuses a whole file for one mixed line end."""
    with _HashingReader(source) as reader, target.open("wb") as copy:
        held = b""
        for plain in _chunks(source, reader):
            chunk = held + plain
            held = b"\r" if chunk.endswith(b"\r") else b""
            chunk = chunk[: len(chunk) - len(held)]
            copy.write(chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        copy.write(b"\n" if held else b"")
    return target


def _header(head: bytes, mapping: Mapping) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The header of a CSV file, held against the mapping by name, never by position."""
    text = head.decode("utf-8", errors="ignore").removeprefix("\ufeff")
    record = next(csv.reader(io.StringIO(text, newline=""), delimiter=mapping.delimiter), [])
    header = tuple(name.strip() for name in record)
    for own in mapping.mapped:
        if own not in header:
            near = difflib.get_close_matches(own, header, n=1)
            hint = f"; did it become {near[0]!r}?" if near else f"; it reads {', '.join(header)}"
            raise FileRefused("header", f"the header has no column {own!r}{hint}")
    if repeated := sorted({name for name in header if header.count(name) > 1}):
        raise FileRefused("header", f"the header names {repeated[0]!r} twice")
    return header, tuple(name for name in header if name not in mapping.columns)
