"""Writes a landed file anew beside the old one and then in its place; text record by record."""

import gzip
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.feeds.mapping import Mapping
from pipelines.feeds.reader import MAXIMUM_LINE_BYTES

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """A landed file written anew, beside the old one and not yet in its place."""

    name: str
    path: Path
    partial: Path
    sha256: str
    size_bytes: int

    def take_place(self) -> None:
        """Put the new file in the place of the old one, with its time and its mode."""
        status = self.path.stat()
        self.partial.chmod(status.st_mode)
        os.utime(self.partial, ns=(status.st_atime_ns, status.st_mtime_ns))
        self.partial.replace(self.path)


def can_be_rewritten(path: Path, mapping: Mapping) -> bool:
    """Whether the file is text, plain or compressed by gzip."""
    if mapping.format not in ("csv", "jsonl"):
        return False
    with path.open("rb") as file:
        return file.read(len(ZIP_MAGIC)) != ZIP_MAGIC


def rewrite_text(
    name: str,
    path: Path,
    encoding: str,
    copy: Callable[[io.TextIOBase, io.TextIOBase], bool],
) -> Rewritten | None:
    """Write a text file anew beside itself.

    Args:
        name: Path below landing/.
        path: The file, plain or compressed by gzip.
        encoding: Of its text.
        copy: Copies from the old text to the new one; says whether anything differs.

    Returns:
        The new file; None where it is the old one.
    """
    return write_anew(name, path, lambda partial: _write(path, partial, encoding, copy))


def write_anew(name: str, path: Path, write: Callable[[Path], bool]) -> Rewritten | None:
    """Write a file of any format anew beside itself.

    Args:
        name: Path below landing/.
        path: The file.
        write: Writes the new file at a path; says whether anything differs.

    Returns:
        The new file; None where it is the old one.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        is_changed = write(partial)
    except BaseException:  # a stop by signal must not leave a half-written copy of people either
        partial.unlink(missing_ok=True)
        raise
    if not is_changed:
        partial.unlink()
        return None
    return Rewritten(
        name=name,
        path=path,
        partial=partial,
        sha256=hashlib.sha256(partial.read_bytes()).hexdigest(),
        size_bytes=partial.stat().st_size,
    )


def _write(
    path: Path,
    partial: Path,
    encoding: str,
    copy: Callable[[io.TextIOBase, io.TextIOBase], bool],
) -> bool:
    with partial.open("wb") as target, open_text(path, encoding) as reader:
        # Without a time and a name in it, the same text gives the same bytes.
        packed = gzip.GzipFile("", "wb", fileobj=target, mtime=0) if _is_packed(path) else target
        with io.TextIOWrapper(packed, encoding=encoding, newline="") as writer:
            return copy(reader, writer)


def _is_packed(path: Path) -> bool:
    with path.open("rb") as raw:
        return raw.read(2) == GZIP_MAGIC


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[io.TextIOWrapper]:
    """The text of a landed file, plain or compressed by gzip, with its line ends as they are."""
    with (
        gzip.open(path, "rb") if _is_packed(path) else path.open("rb") as source,
        io.TextIOWrapper(source, encoding=encoding, newline="") as reader,
    ):
        yield reader


def text_records(lines: io.TextIOBase) -> Iterator[str]:
    """Records of a text, each with its line end: a quoted field may hold line ends of its own."""
    parts: list[str] = []
    is_open, length = False, 0
    for line in lines:
        parts.append(line)
        length += len(line)
        is_open ^= line.count('"') % 2 == 1
        # A quote out of place must not swallow the rest of the file.
        if not is_open or length > MAXIMUM_LINE_BYTES:
            yield "".join(parts)
            parts, is_open, length = [], False, 0
    if parts:
        yield "".join(parts)
