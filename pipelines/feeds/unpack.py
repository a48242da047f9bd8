"""The bytes of a landed file: hashed as they are read, unpacked, and held to a size.

An archive is data from outside: nothing it says of itself (names, sizes) is believed, and a member
is never written under its own name.
"""

import gzip
import hashlib
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, Self

from pipelines.feeds.refusal import FileRefused

CHUNK_BYTES = 1 << 18
"""Read at a time: what fits the processor's cache is gone through three times as fast."""

MAXIMUM_BYTES = 8 << 30
"""A file that is longer than this once unpacked is refused: deliver it in parts."""

MAXIMUM_RATIO = 200
"""Unpacked bytes per packed byte; sales files stay below 50, a bomb of zeros reaches 1,000."""

BYTES_OF_ANY_RATIO = 64 << 20
"""Up to this many unpacked bytes no ratio can do harm."""

ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
)
"""What `zipfile` raises on a damaged archive: a flipped byte also turns a place negative, a name
into bytes that are no text, or a method of packing into another."""


class LandedBytes(io.RawIOBase):
    """A plain file, never reached through a link, whose bytes are hashed as they are read.

    Raises:
        FileRefused: When it is a link, a pipe, a device or a directory, or has a second name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
            number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError as error:
            raise FileRefused("moving", "the file was taken away while it was read") from error
        except OSError as error:
            raise FileRefused("regular file", f"cannot be opened: {error.strerror}") from error
        self.status = os.fstat(number)
        self._digest = hashlib.sha256()
        if not stat.S_ISREG(self.status.st_mode) or self.status.st_nlink > 1:
            os.close(number)
            raise FileRefused("regular file", "only plain files of one name are read, no links")
        self.file: BinaryIO = os.fdopen(number, "rb", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def readable(self) -> bool:
        """True: that is what it is for."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, without the copy that `readinto` costs."""
        data: bytes = self.file.read(size)
        self._digest.update(data)
        return data

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]  # any writable buffer
        """Read into a buffer, and into the digest."""
        count: int = self.file.readinto(buffer) or 0  # type: ignore[attr-defined]
        self._digest.update(memoryview(buffer)[:count])
        return count

    def close(self) -> None:
        """Close the file."""
        self.file.close()
        super().close()

    def hash_to_end(self) -> None:
        """Read what is left, for the digest only."""
        while self.read(CHUNK_BYTES):
            pass

    @property
    def sha256(self) -> str:
        """Digest of the landed bytes, once they were all read."""
        return self._digest.hexdigest()

    def raise_if_changed(self) -> None:
        """Hold that the file is as it was when it was opened.

        Raises:
            FileRefused: When it was written to, replaced or removed.
        """
        now = self.path.lstat() if self.path.exists() else None
        before = self.status
        if now is None or (now.st_ino, now.st_size, now.st_mtime_ns) != (
            before.st_ino,
            before.st_size,
            before.st_mtime_ns,
        ):
            raise FileRefused("moving", "the file changed while it was read")


def unpacked_chunks(landed: LandedBytes) -> Iterator[bytes]:
    """The file's bytes, unpacked where its name ends in `.gz` or `.zip`.

    Checksums and lengths that the formats keep are held, and sizes are capped.

    Raises:
        FileRefused: When the archive is damaged, holds more than one plain file, or unpacks to more
            than it may.
    """
    if landed.path.suffix == ".zip":
        chunks = _zip_chunks(landed)
    elif landed.path.suffix == ".gz":
        chunks = _gzip_chunks(landed)
    else:
        chunks = _plain_chunks(landed)
    total = 0
    allowed = max(BYTES_OF_ANY_RATIO, MAXIMUM_RATIO * landed.status.st_size)
    for chunk in chunks:
        total += len(chunk)
        if total > MAXIMUM_BYTES:
            raise FileRefused("size", f"more than {MAXIMUM_BYTES >> 30} GiB: deliver it in parts")
        if total > allowed:
            raise FileRefused(
                "archive",
                f"{landed.status.st_size} bytes unpack to more than {MAXIMUM_RATIO} times as many",
            )
        yield chunk


def _plain_chunks(landed: LandedBytes) -> Iterator[bytes]:
    while chunk := landed.read(CHUNK_BYTES):
        yield chunk


def _gzip_chunks(landed: LandedBytes) -> Iterator[bytes]:
    unpacked = 0
    try:
        with gzip.GzipFile(fileobj=io.BufferedReader(landed, CHUNK_BYTES)) as file:
            while chunk := file.read(CHUNK_BYTES):
                unpacked += len(chunk)
                yield chunk
    except (EOFError, OSError, zlib.error) as error:
        raise FileRefused("gzip", f"{error}, after {unpacked} bytes unpacked") from error
    landed.hash_to_end()


def _zip_chunks(landed: LandedBytes) -> Iterator[bytes]:
    landed.hash_to_end()
    try:
        with zipfile.ZipFile(landed.file) as archive, archive.open(only_member(archive)) as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
    except ZIP_ERRORS as error:
        raise FileRefused("zip", f"{error}") from error


def only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one plain file of an archive.

    Raises:
        FileRefused: When there are several, or it is hidden behind a path, a link, a password or
            another archive.
    """
    members = archive.infolist()
    if len(members) != 1:
        raise FileRefused("zip", f"one file is expected in the archive, it holds {len(members)}")
    (member,) = members
    if not member.filename:  # zipfile cuts a name at a NUL byte
        raise FileRefused("zip", "the member has no name")
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise FileRefused("zip", f"the member {member.filename!r} points out of the archive")
    if member.is_dir() or stat.S_ISLNK(member.external_attr >> 16):
        raise FileRefused("zip", f"the member {member.filename!r} is no plain file")
    if member.flag_bits & 1:
        raise FileRefused("zip", "the archive is locked with a password")
    if path.suffix.lower() in (".zip", ".gz", ".7z", ".rar"):
        raise FileRefused("zip", f"the member {member.filename!r} is an archive itself")
    return member
