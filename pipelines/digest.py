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
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path
from typing import Any

from pipelines.past_cache import opened

PART_BYTES = 16 * 2**20

_PAGE_BYTES = 4096
_HEADER_BYTES = 3 * _PAGE_BYTES
_BLOCK_BYTES = 256 * 1024
_CHECKSUM_BYTES = 8
_MAGIC = slice(8, 12)
_PIECE_BYTES = 4 * _BLOCK_BYTES


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
            that DuckDB wrote to since are read; without it all of them, from the disk.
    """
    size_bytes = path.stat().st_size
    starts = range(0, size_bytes, PART_BYTES)
    if known is None:
        with opened(path, os.O_RDONLY, past_cache=True) as file:
            read = [_read(file, start) for start in starts]
        parts = [sha256 for sha256, _ in read]
        seals = _seals(path, [checksums for _, checksums in read])
    else:
        with opened(path, os.O_RDONLY) as file:
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
            seals = _seals(path, [_checksums(file, start, size_bytes) for start in starts])
            parts = [
                known.parts[number]
                if _is_sealed(number, start, size_bytes, seals, known)
                else _read(file, start)[0]
                for number, start in enumerate(starts)
            ]
    return FileDigest(size_bytes=size_bytes, parts=tuple(parts), seals=seals)


def copy(source: Path, target: Path) -> FileDigest:
    """Copy a file over whatever the target is, and return the digest of what was written."""
    size_bytes = source.stat().st_size
    if size_bytes % _PAGE_BYTES:  # no database, and nothing that could be written past the cache
        shutil.copyfile(source, target)
        return digest_of(target)
    with (
        opened(source, os.O_RDONLY, past_cache=True) as reading,
        opened(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, past_cache=True) as writing,
    ):
        read = [_read(reading, start, writing) for start in range(0, size_bytes, PART_BYTES)]
    return FileDigest(
        size_bytes=size_bytes,
        parts=tuple(sha256 for sha256, _ in read),
        seals=_seals(source, [checksums for _, checksums in read]),
    )


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


def _seals(path: Path, checksums: list[bytes]) -> tuple[str, ...]:
    """The seals of parts: of the checksums in them, and of the block that reaches into them."""
    with path.open("rb") as file:
        is_database = file.read(_MAGIC.stop)[_MAGIC] == b"DUCK"
    if not is_database:
        return ()
    reaching = [b"", *(those[-_CHECKSUM_BYTES:] for those in checksums)]
    return tuple(
        hashlib.blake2b(before + own, digest_size=8).hexdigest()
        for before, own in zip(reaching, checksums, strict=False)
    )


def _read(file: int, start: int, copy_to: int | None = None) -> tuple[str, bytes]:
    """SHA-256 of the part that begins there, and the checksums that stand in it."""
    digest, checksums = hashlib.sha256(), []
    with mmap(-1, _PIECE_BYTES) as buffer, memoryview(buffer) as piece:
        for place in range(start, start + PART_BYTES, _PIECE_BYTES):
            count = os.preadv(file, [buffer], place)
            digest.update(piece[:count])
            if copy_to is not None and os.pwrite(copy_to, piece[:count], place) != count:
                raise OSError(f"a write at byte {place:,} was cut short")
            checksums += [
                bytes(piece[found - place : found - place + _CHECKSUM_BYTES])
                for found in _checksum_places(place, place + count)
            ]
    return digest.hexdigest(), b"".join(checksums)


def _checksums(file: int, start: int, size_bytes: int) -> bytes:
    """The checksums of DuckDB that stand in the part that begins there."""
    end = min(start + PART_BYTES, size_bytes)
    return b"".join(
        os.pread(file, _CHECKSUM_BYTES, place) for place in _checksum_places(start, end)
    )


def _checksum_places(start: int, end: int) -> Iterator[int]:
    """Where pages of the header and blocks begin, each with a checksum, from a piece's start."""
    if start == 0:
        yield from range(0, min(_HEADER_BYTES, end), _PAGE_BYTES)
    yield from range(start + _HEADER_BYTES, end, _BLOCK_BYTES)
