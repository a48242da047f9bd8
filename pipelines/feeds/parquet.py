"""What a Parquet file says of itself: names, types and number of its rows.

Files of several schemas are never read in one statement: DuckDB gives them all the schema of the
first, and so takes a column for missing, or rounds a decimal, without a word.
"""

from dataclasses import replace

import duckdb

from pipelines.feeds.file_gate import SoundFile, absent_columns, hold_header, unmapped_columns
from pipelines.feeds.manifest import Manifest
from pipelines.feeds.mapping import Mapping
from pipelines.feeds.parquet_pages import hold_pages
from pipelines.feeds.reader import escape_glob
from pipelines.feeds.refusal import FileRefused
from pipelines.sql import fetch_one


def describe(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, sound: SoundFile
) -> SoundFile:
    """A sound file with header, types and record count; only a Parquet file lacks them.

    Raises:
        FileRefused: When a Parquet file's own description cannot be read, a page is not what its
            checksum says, a column that the mapping needs is not there, or one is there twice.
    """
    if mapping.format != "parquet":
        return sound
    path = [escape_glob(sound.path)]
    try:
        (count,) = fetch_one(
            connection, "select coalesce(sum(num_rows), 0) from parquet_file_metadata(?)", path
        )
        elements = connection.execute(
            "select name, coalesce(num_children, 0) from parquet_schema(?)", path
        ).fetchall()
        described = connection.execute("describe from read_parquet(?)", path).fetchall()
        is_held = hold_pages(connection, sound.path)
    except duckdb.Error as error:
        raise FileRefused(mapping.format, str(error).splitlines()[0]) from error
    names = _top_level(elements)
    if padded := [name for name in names if name != name.strip()]:
        raise FileRefused("header", f"the column {padded[0]!r} has blanks around its name")
    header = hold_header(names, mapping)
    return replace(
        sound,
        record_count=int(count),
        header=header,
        types=tuple(str(row[1]).lower() for row in described),
        unmapped=unmapped_columns(header, mapping),
        absent=absent_columns(header, mapping),
        is_held=is_held,
    )


def hold_checksums(mapping: Mapping, sound: SoundFile, manifest: Manifest | None) -> bool:
    """Whether a checksum, of the file's own or of its manifest, proves it whole.

    Raises:
        FileRefused: When the mapping does not allow that.
    """
    if sound.is_held or (manifest and manifest.sha256):
        return True
    if mapping.without_checksum == "refuse":
        raise FileRefused(
            "checksum", "neither its pages nor a manifest have one to hold it against"
        )
    return False


def _top_level(elements: list[tuple[str, int]]) -> list[str]:
    """Names of the columns of a schema, which lists the fields of nested ones behind each."""
    names = []
    inner = 0
    for name, child_count in elements[1:]:
        if inner == 0:
            names.append(name)
        else:
            inner -= 1
        inner += child_count
    return names
