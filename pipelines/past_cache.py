"""Files of gigabytes, read and copied without the system's cache of files.

Read once and not soon again, they would put out of the cache what readers of the published build
have there; and to fill a page of it costs more than to read the page from the disk.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import mmap
from pathlib import Path

_DIRECT = getattr(os, "O_DIRECT", 0)
_ALIGNMENT_BYTES = 4096
_PIECE_BYTES = 8 * 2**20


@contextmanager
def opened(path: Path, flags: int, *, past_cache: bool = False) -> Iterator[int]:
    """Open a file and yield its descriptor.

    Args:
        path: The file.
        flags: Those of `os.open`.
        past_cache: Leave out the cache where the file system can do that. Buffers, places and
            lengths are multiples of a page then; just what is read at the end of a file is not.
    """
    try:
        descriptor = os.open(path, flags | (_DIRECT if past_cache else 0), 0o644)
    except OSError:
        if not past_cache:
            raise
        descriptor = os.open(path, flags, 0o644)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def copy_past_cache(source: Path, target: Path) -> None:
    """Copy a file over whatever the target is."""
    size_bytes = source.stat().st_size
    if size_bytes % _ALIGNMENT_BYTES:
        shutil.copyfile(source, target)
        return
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with (
        opened(source, os.O_RDONLY, past_cache=True) as reading,
        opened(target, flags, past_cache=True) as writing,
        mmap(-1, _PIECE_BYTES) as buffer,
        memoryview(buffer) as piece,
    ):
        place = 0
        while place < size_bytes:
            count = os.preadv(reading, [buffer], place)
            place += os.pwrite(writing, piece[:count], place)
