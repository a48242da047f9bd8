"""Writes a landed text file anew, record by record, beside the old one and then in its place."""

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.feeds.reader import MAXIMUM_LINE_BYTES

GZIP_MAGIC = b"\x1f\x8b"


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
