"""The digest of a file of gigabytes: of parts, so that parts that stand need no second reading.

A file's digest is the SHA-256 of the list of its parts' SHA-256, in hexadecimal, a line each. Any
shell can say it::

    split --bytes 16777216 --filter 'sha256sum | cut -c 1-64' FILE | sha256sum

DuckDB keeps a checksum at the head of each block of a database, and writes no block without it. So
a part whose blocks have the checksums of before is known without reading it. That finds what DuckDB
wrote, and no damage. Damage is found by a copy, which works the checksums out anew from what it
writes, and by a digest of all, for which nothing is known.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.past_cache import opened

PART_BYTES = 16 * 2**20

_PAGE_BYTES = 4096
_HEADER_BYTES = 3 * _PAGE_BYTES
_BLOCK_BYTES = 256 * 1024
_CHECKSUM_BYTES = 8
_MAGIC = slice(8, 12)
_PIECE_BYTES = 16 * _BLOCK_BYTES

_FIRST = 5381
_FACTOR = 0xBF58476D1CE4E5B9
"""How DuckDB works out the checksum of a block: the first number, and each word by the factor."""


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
    if not _is_database(path):
        with opened(path, os.O_RDONLY) as file:
            parts = [_read(file, start)[0] for start in starts]
        return FileDigest(size_bytes=size_bytes, parts=tuple(parts), seals=())
    if known is None:
        with opened(path, os.O_RDONLY, past_cache=True) as file:
            read = [_read(file, start) for start in starts]
        parts = [sha256 for sha256, _ in read]
        seals = _seals([checksums for _, checksums in read])
    else:
        with opened(path, os.O_RDONLY) as file:
            _announce_checksums(file, size_bytes)
            seals = _seals([_checksums(file, start, size_bytes) for start in starts])
            parts = [
                known.parts[number]
                if _is_sealed(number, start, size_bytes, seals, known)
                else _read(file, start)[0]
                for number, start in enumerate(starts)
            ]
    return FileDigest(size_bytes=size_bytes, parts=tuple(parts), seals=seals)


def version_of(files: Iterable[Path]) -> str:
    """Return a short fingerprint of the names and contents of small files, in any order."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def copy(source: Path, target: Path, *, known: FileDigest | None = None) -> FileDigest:
    """Copy a file over whatever the target is, and return the digest of what was written.

    Args:
        source: The file; a database must be closed.
        target: Where to.
        known: The digest that the file is held to have. Where all blocks of a part are what their
            checksums say, and these are the known ones, so is the part; that takes a tenth of what
            SHA-256 takes. All other parts are read again.
    """
    if not _is_database(source):
        shutil.copyfile(source, target)
        return digest_of(target)
    checksums, is_sound = _copy_blocks(source, target)
    if known is None:
        return digest_of(target)
    size_bytes = target.stat().st_size
    seals = _seals(checksums)
    with opened(target, os.O_RDONLY, past_cache=True) as file:
        parts = [
            known.parts[number]
            if is_sound[number] and _is_sealed(number, start, size_bytes, seals, known)
            else _read(file, start)[0]
            for number, start in enumerate(range(0, size_bytes, PART_BYTES))
        ]
    return FileDigest(size_bytes=size_bytes, parts=tuple(parts), seals=seals)


def _copy_blocks(source: Path, target: Path) -> tuple[list[bytes], list[bool]]:
    """Copy a database; return by part its checksums, and whether its blocks are what they say.

    The first part holds the header, whose pages are not worked out.
    """
    import numpy as np

    first, factor = np.uint64(_FIRST), np.uint64(_FACTOR)
    size_bytes = source.stat().st_size
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    said, is_sound = [], []
    with (
        opened(source, os.O_RDONLY, past_cache=True) as reading,
        opened(target, flags, past_cache=True) as writing,
        _buffer() as buffer,
        memoryview(buffer) as piece,
    ):
        if hasattr(os, "posix_fallocate"):  # macOS has none
            # Room is found once, in one piece, and a full disk is seen before anything is read.
            os.posix_fallocate(writing, 0, size_bytes)
        count = os.preadv(reading, [piece[:_HEADER_BYTES]], 0)
        _write(writing, piece[:count], 0)
        header = b"".join(
            bytes(piece[place : place + _CHECKSUM_BYTES]) for place in _checksum_places(0, count)
        )
        words = np.frombuffer(buffer, dtype=np.uint64).reshape(-1, _BLOCK_BYTES // 8)
        # Block by block: what one takes stays in the processor's cache.
        products = np.empty_like(words[0, 1:])
        for place in range(count, size_bytes, _PIECE_BYTES):
            count = os.preadv(reading, [buffer], place)
            _write(writing, piece[:count], place)
            blocks = words[: count // _BLOCK_BYTES]
            said.append(blocks[:, 0].copy())
            worked_out = [
                np.bitwise_xor.reduce(np.multiply(block, factor, out=products))
                for block in blocks[:, 1:]
            ]
            is_sound.append(said[-1] == np.array(worked_out, dtype=np.uint64) ^ first)
        del words, blocks  # or the buffer could not be closed
    part_blocks = PART_BYTES // _BLOCK_BYTES
    all_said, all_sound = np.concatenate(said), np.concatenate(is_sound)
    numbers = range(-(-size_bytes // PART_BYTES))
    # The last block of a part reaches into the next one.
    return (
        [
            (b"" if number else header)
            + all_said[number * part_blocks : (number + 1) * part_blocks].tobytes()
            for number in numbers
        ],
        [
            number > 0
            and bool(all_sound[number * part_blocks - 1 : (number + 1) * part_blocks].all())
            for number in numbers
        ],
    )


def _write(file: int, piece: memoryview, place: int) -> None:
    if os.pwrite(file, piece, place) != len(piece):
        raise OSError(f"a write at byte {place:,} was cut short")


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


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_MAGIC.stop)
    block_bytes = path.stat().st_size - _HEADER_BYTES
    return head[_MAGIC] == b"DUCK" and block_bytes > 0 and block_bytes % _BLOCK_BYTES == 0


def _seals(checksums: list[bytes]) -> tuple[str, ...]:
    """The seals of parts: of the checksums in them, and of the block that reaches into them."""
    reaching = [b"", *(those[-_CHECKSUM_BYTES:] for those in checksums)]
    return tuple(
        hashlib.blake2b(before + own, digest_size=8).hexdigest()
        for before, own in zip(reaching, checksums, strict=False)
    )


def _read(file: int, start: int) -> tuple[str, bytes]:
    """SHA-256 of the part that begins there, and the checksums that stand in it."""
    digest, checksums = hashlib.sha256(), []
    with _buffer() as buffer, memoryview(buffer) as piece:
        for place in range(start, start + PART_BYTES, _PIECE_BYTES):
            count = os.preadv(file, [buffer], place)
            digest.update(piece[:count])
            checksums += [
                bytes(piece[found - place : found - place + _CHECKSUM_BYTES])
                for found in _checksum_places(place, place + count)
            ]
    return digest.hexdigest(), b"".join(checksums)


def _buffer() -> mmap.mmap:
    """Room for a piece, in large pages where the system has them.

    It pins each page to read past the cache, which took half of the time of a copy.
    """
    buffer = mmap.mmap(-1, _PIECE_BYTES)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        buffer.madvise(mmap.MADV_HUGEPAGE)
    return buffer


def _announce_checksums(file: int, size_bytes: int) -> None:
    """Have the pages of all checksums fetched at once; to wait for each costs ten times as much."""
    if not hasattr(os, "posix_fadvise"):  # macOS has none
        return
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
    for place in _checksum_places(0, size_bytes):
        os.posix_fadvise(file, place, _CHECKSUM_BYTES, os.POSIX_FADV_WILLNEED)


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
