"""Landing files as one DuckDB relation: text in, one row a record, with file and record number."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import duckdb

from pipelines.feeds.mapping import Mapping
from pipelines.sql import literal, quote

MAXIMUM_LINE_BYTES = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Relation:
    """Files of one shape, as SQL.

    Attributes:
        sql: A subquery with the file's own columns, `_path` and `_record` (1 is the first data
            record; over several text files the number goes on from file to file).
        columns: The file's own column -> its DuckDB type.
        numbers_restart: True when `_record` begins at 1 in each file.
        has_lines: Whether there is `_line` too, the text of the record, and `_is_record`, whether
            its columns could be told apart.
    """

    sql: str
    columns: dict[str, str]
    numbers_restart: bool
    has_lines: bool = False


def relation_of(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    paths: Sequence[Path],
    header: Sequence[str],
    types: Dictionary[str, str] = MappingProxyType({}),
) -> Relation:
    """The records of files that have one mapping and one header.

    Args:
        connection: Any connection.
        mapping: What the retailer says of the files.
        paths: The files.
        header: Column names of CSV files, in file order.
        types: Of CSV files whose lines are proven, the file's own column -> its type, see
            `line_shape`. Other columns are text.

    Raises:
        duckdb.Error: When a Parquet file cannot be read.
    """
    if mapping.format == "parquet":
        return _parquet(connection, paths)
    if mapping.format == "jsonl":
        return _json_lines(mapping, paths)
    return _csv(mapping, paths, header, types)


def escape_glob(path: Path) -> str:
    """A path in which glob characters stand for themselves: `p[1].csv` must not read `p1.csv`."""
    return "".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(path))


def _paths(paths: Sequence[Path]) -> str:
    return f"[{', '.join(literal(escape_glob(path)) for path in paths)}]"


def _csv(
    mapping: Mapping, paths: Sequence[Path], header: Sequence[str], types: Dictionary[str, str]
) -> Relation:
    columns = {name: types.get(name, "varchar") for name in header}
    declared = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns.items())
    # A value that is not of its type after all stops the load at once: no row is left out for it.
    rejects = "" if types else "store_rejects = true, rejects_limit = 0,"
    sql = f"""
        select *, filename as _path, row_number() over () as _record
        from read_csv(
            {_paths(paths)}, columns = {{{declared}}}, auto_detect = false, header = true,
            delim = {literal(mapping.delimiter)}, quote = '"', escape = '"', filename = true,
            {rejects} max_line_size = {MAXIMUM_LINE_BYTES}, nullstr = ''
        )"""
    return Relation(sql=sql, columns=columns, numbers_restart=False)


def _json_lines(mapping: Mapping, paths: Sequence[Path]) -> Relation:
    """One text column a line, so that a broken line is one bad row and not a lost file.

    A line that gives a name twice is broken: of the two values DuckDB would take the first.
    """
    fields = ", ".join(
        f"case when _is_record then json_extract_string(_line, {literal(pointer_to(own))}) end"
        f" as {quote(own)}"
        for own in mapping.mapped
    )
    sql = f"""
        select {fields}, _line, _is_record, filename as _path, row_number() over () as _record
        from (
            select *, case
                when json_valid(_line) then list_unique(json_keys(_line)) = len(json_keys(_line))
                else false
            end as _is_record
            from {lines_of(paths, has_header=False)}
        )"""
    return Relation(
        sql=sql,
        columns=dict.fromkeys(mapping.mapped, "varchar"),
        numbers_restart=False,
        has_lines=True,
    )


def lines_of(paths: Sequence[Path], *, has_header: bool) -> str:
    """The lines of text files as SQL, one text `_line` each; the gate lets no byte 1 through."""
    return f"""read_csv(
            {_paths(paths)}, columns = {{'_line': 'VARCHAR'}}, auto_detect = false,
            header = {has_header}, delim = '\x01', quote = '', escape = '', filename = true,
            max_line_size = {MAXIMUM_LINE_BYTES}
        )"""


def pointer_to(own: str) -> str:
    """JSON pointer of a field; a name with slashes walks into nested objects."""
    return "/" + own.replace("~", "~0")


def _parquet(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> Relation:
    listed = _paths(paths)
    described = connection.execute(f"describe select * from read_parquet({listed})").fetchall()
    sql = f"""
        select *, filename as _path, file_row_number + 1 as _record
        from read_parquet({listed}, filename = true, file_row_number = true)"""
    columns = {row[0]: str(row[1]).lower() for row in described}
    return Relation(sql=sql, columns=columns, numbers_restart=True)
