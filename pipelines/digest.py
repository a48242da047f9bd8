"""The digest of a file of gigabytes: of parts, so that parts that stand need no second reading.

A file's digest is the SHA-256 of the list of its parts' SHA-256, in hexadecimal, a line each. Any
shell can say it::

    split --bytes 16777216 --filter 'sha256sum | cut -c 1-64' FILE | sha256sum

DuckDB keeps a checksum at the head of each block of a database, and writes no block without it. So
a part whose blocks have the checksums of before is known without reading it. That finds what DuckDB
wrote, and no damage: who must know of damage reads all, and has not said what is known.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PART_BYTES = 16 * 2**20

_HEADER_BYTES = 3 * 4096
_BLOCK_BYTES = 256 * 1024
_CHECKSUM_BYTES = 8
_MAGIC = slice(8, 12)


@dataclass(frozen=True, kw_only=True)
class FileDigest:
    """What a file holds.

    Attributes:
        size_bytes: Its size.
        parts: SHA-256 of each part of `PART_BYTES`, the last one shorter.
        seals: By part, a digest of the checksums of the blocks that lie in it; none of a file that
            is no database.
    """

    size_bytes: int
    parts: tuple[str, ...]
    seals: tuple[str, ...]

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> FileDigest:
        """The digest that was written as JSON.

        Raises:
            KeyError, TypeError: The content is none.
        """
        return cls(
            size_bytes=content["size_bytes"],
            parts=tuple(content["parts"]),
            seals=tuple(content["seals"]),
        )

    @property
    def sha256(self) -> str:
        """The digest of the whole file."""
        return hashlib.sha256("".join(f"{part}\n" for part in self.parts).encode()).hexdigest()


def digest_of(path: Path, *, known: FileDigest | None = None) -> FileDigest:
    """Return the digest of a file that nobody writes to.

    Args:
        path: The file; a database must be closed.
        known: The digest of what the file was before DuckDB changed it in places. Just the parts
            that DuckDB wrote to since are read; without it all of them.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size_bytes = os.fstat(descriptor).st_size
        starts = range(0, size_bytes, PART_BYTES)
        seals = _seals(descriptor, size_bytes)
        parts = []
        for number, start in enumerate(starts):
            if known and _is_sealed(number, start, size_bytes, seals, known):
                parts.append(known.parts[number])
            else:
                parts.append(_sha256(descriptor, range(start, start + PART_BYTES)))
    finally:
        os.close(descriptor)
    return FileDigest(size_bytes=size_bytes, parts=tuple(parts), seals=seals)


def _sha256(descriptor: int, places: range) -> str:
    digest = hashlib.sha256()
    for place in places[::_BLOCK_BYTES]:
        digest.update(os.pread(descriptor, _BLOCK_BYTES, place))
    return digest.hexdigest()


def _is_sealed(
    number: int, start: int, size_bytes: int, seals: tuple[str, ...], known: FileDigest
) -> bool:
    """Whether a part holds what it held, and is as long as it was."""
    end = start + PART_BYTES
    return (
        number < min(len(seals), len(known.seals))
        and seals[number] == known.seals[number]
        and min(end, size_bytes) == min(end, known.size_bytes)
    )


def _seals(descriptor: int, size_bytes: int) -> tuple[str, ...]:
    header = os.pread(descriptor, _HEADER_BYTES, 0)
    if header[_MAGIC] != b"DUCK" or (size_bytes - _HEADER_BYTES) % _BLOCK_BYTES:
        return ()
    seals = []
    for start in range(0, size_bytes, PART_BYTES):
        seal = hashlib.blake2b(header if start == 0 else b"", digest_size=8)
        # From the block that reaches into the part from the one before.
        first = max(start - _HEADER_BYTES, 0) // _BLOCK_BYTES
        end = min(start + PART_BYTES, size_bytes)
        for place in range(_HEADER_BYTES + first * _BLOCK_BYTES, end, _BLOCK_BYTES):
            seal.update(os.pread(descriptor, _CHECKSUM_BYTES, place))
        seals.append(seal.hexdigest())
    return tuple(seals)
