"""Files of gigabytes, read and written without the system's cache of files.

Read once and not soon again, they would put out of the cache what readers of the published build
have there; and to fill a page of it costs more than to read the page from the disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DIRECT = getattr(os, "O_DIRECT", 0)


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
