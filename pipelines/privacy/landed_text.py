"""Writes a landed file anew beside the old one and then in its place; text record by record."""

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

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


def write_anew(name: str, path: Path, write: Callable[[Path], bool]) -> Rewritten | None:
    """Write a file of any format anew beside itself.

    Args:
        name: Path below landing/.
        path: The file.
        write: Writes the new file at a path; says whether anything differs.

    Returns:
        The new file; None where it is the old one.
    """
    # By the end of its name it is told how it is packed.
    partial = path.with_name(f".partial-{path.name}")
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
