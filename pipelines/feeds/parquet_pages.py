"""The checksums that a Parquet file's pages may carry, held against their bytes.

DuckDB reads a page whatever its checksum says, and no compression of Parquet's tells a flipped bit
reliably. A page's checksum (CRC-32 of what follows its header) is optional: Spark writes it, DuckDB
does not, and pyarrow does where it is asked to.
"""

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.feeds.reader import escape_glob
from pipelines.feeds.refusal import FileRefused

HEADER_BYTES = (1 << 12, 1 << 20)
"""How much of a file is read for a page's header: few hold more than counts and sizes."""

READ_BYTES = 1 << 20

_TYPE, _UNCOMPRESSED_SIZE, _COMPRESSED_SIZE, _CHECKSUM = 1, 2, 3, 4
"""The first fields of a page's header in Parquet's Thrift definition."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """Where the bytes of a page begin, how many they are, and their checksum where it has one."""

    start: int
    size: int
    checksum: int | None


def hold_pages(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Whether every page of a Parquet file has a checksum; they all match then.

    Raises:
        FileRefused: When one does not match, or pages beside those that do cannot be followed.
        duckdb.Error: When the file's own description cannot be read.
    """
    chunks = connection.execute(
        """
        select
            least(nullif(dictionary_page_offset, 0), data_page_offset) as first_byte,
            total_compressed_size
        from parquet_metadata(?)
        where total_compressed_size > 0
        """,
        [escape_glob(path)],
    ).fetchall()
    held = bare = lost = 0
    with path.open("rb") as file:
        for first_byte, size in chunks:
            for page in _pages(file.fileno(), first_byte or 0, size):
                if page is None:
                    lost += 1
                elif page.checksum is None:
                    bare += 1
                elif _checksum(file.fileno(), page) == page.checksum:
                    held += 1
                else:
                    raise FileRefused(
                        "checksum", f"the page at byte {page.start} is not what its checksum says"
                    )
    if held and lost:
        raise FileRefused("checksum", f"the pages of {lost} column chunk(s) cannot be followed")
    return not (bare or lost)


def _pages(file: int, start: int, size: int) -> Iterator[Page | None]:
    """The pages of a column chunk; None for the rest of one that cannot be followed."""
    end = start + size
    while start < end:
        try:
            page = _page_at(file, start, end)
        except (IndexError, KeyError, OSError, RecursionError, ValueError):
            yield None
            return
        yield page
        start = page.start + page.size


def _page_at(file: int, start: int, end: int) -> Page:
    """The page whose header begins there.

    Raises:
        IndexError: When the header does not end.
        KeyError: When it does not say how long its page is, or is no header.
        ValueError: When the page is longer than its column chunk, or a number is none.
        OSError: When the place is none of the file's.
        RecursionError: When structs without end stand in each other.
    """
    for size in HEADER_BYTES:
        content = os.pread(file, min(size, end - start), start)
        try:
            numbers, length = read_numbers(content)
            break
        except IndexError:
            if size == HEADER_BYTES[-1] or size >= end - start:
                raise
    checksum = numbers.get(_CHECKSUM)
    page = Page(
        start=start + length,
        size=numbers[_COMPRESSED_SIZE],
        checksum=None if checksum is None else checksum & 0xFFFFFFFF,
    )
    if not 0 <= page.size <= end - page.start:
        raise ValueError("the page does not end within its column chunk")
    return page


def _checksum(file: int, page: Page) -> int:
    found = 0
    for place in range(page.start, page.start + page.size, READ_BYTES):
        wanted = min(READ_BYTES, page.start + page.size - place)
        found = zlib.crc32(os.pread(file, wanted, place), found)
    return found


def read_numbers(content: bytes) -> tuple[dict[int, int], int]:
    """The whole numbers of a struct in Thrift's compact protocol by field, and its length in bytes.

    Raises:
        IndexError: When the bytes end before the struct does.
        KeyError: When a field's type is none that headers have.
        ValueError: When a number is longer than 64 bits.
    """
    numbers: dict[int, int] = {}
    place, field = 0, 0
    while kind := content[place]:
        place += 1
        if kind >> 4:
            field += kind >> 4
        else:
            value, place = _varint(content, place)
            field = _signed(value)
        if kind & 15 in (4, 5, 6):
            value, place = _varint(content, place)
            numbers[field] = _signed(value)
        else:
            place = _skip(content, place, kind & 15)
    return numbers, place + 1


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = content[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
    raise ValueError("a number is longer than 64 bits")


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


_WIDTHS = {1: 0, 2: 0, 3: 1, 7: 8}
"""Bytes of a field by type: true, false, byte, double."""


def _skip(content: bytes, place: int, kind: int) -> int:
    """The place after a value that is not asked for: a text, a flag or a struct of such."""
    if kind in (4, 5, 6):
        return _varint(content, place)[1]
    if kind == 8:
        length, place = _varint(content, place)
        return place + length
    if kind == 12:
        return place + read_numbers(content[place:])[1]
    return place + _WIDTHS[kind]
