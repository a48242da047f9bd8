"""Proves whole lines of a CSV file at once, so that DuckDB may read typed values from them.

DuckDB's reader takes `1e3`, `12.7` and `1_000` for integers, rounds decimals and drops the offset
of a moment without a word, so values are else read as text and each is held to its shape. Here one
regular expression holds all fields of a line to the strictest of their shapes, in which the reader
cannot err. That costs a third of doing it column by column. A line that does not keep it is not
wrong: the files are then read as text, which allows more.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.feeds.contract import DECIMAL, Column
from pipelines.feeds.mapping import Mapping
from pipelines.feeds.reader import lines_of
from pipelines.feeds.text_scan import UNREADABLE
from pipelines.feeds.value_shapes import FALSE_WORDS, TRUE_WORDS
from pipelines.sql import literal

DELIMITERS = ",;|\t"
"""Marks that no number, date or moment holds."""


@dataclass(frozen=True, kw_only=True)
class LineShape:
    """What each line of files of one header shall look like.

    Attributes:
        pattern: Regular expression (RE2) of a whole line without its line end.
        types: The file's own column -> the DuckDB type that the reader may give it when all lines
            match. Columns that are not named here are only split, and remain to be proven.
    """

    pattern: str
    types: dict[str, str]


def line_shape(mapping: Mapping, header: Sequence[str]) -> LineShape | None:
    """The shape of the lines of CSV files; None where it would prove nothing.

    Args:
        mapping: What the retailer says of the files.
        header: Column names in file order.
    """
    if mapping.format != "csv" or mapping.delimiter not in DELIMITERS:
        return None
    contract = mapping.contract()
    fields, types = [], {}
    for own in header:
        name = mapping.mapped.get(own)
        shape = _value_shape(contract.column(name), mapping) if name else None
        if name and shape:
            types[own] = "timestamp" if shape == _MOMENT else contract.column(name).duckdb_type
        fields.append(_field(shape, mapping.delimiter))
    if not types:
        return None
    return LineShape(pattern=re.escape(mapping.delimiter).join(fields), types=types)


def proven_types(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    paths: Sequence[Path],
    header: Sequence[str],
) -> dict[str, str]:
    """The types with which CSV files of one header may be read: the file's own column -> type.

    Empty unless every line has the strict shape; the scan stops at the first that has not.

    Raises:
        duckdb.Error: When a file cannot be read.
    """
    shape = line_shape(mapping, header)
    if shape is None:
        return {}
    other = connection.execute(
        f"select 1 from {lines_of(paths, has_header=True)} "
        f"where not coalesce(regexp_full_match(_line, {literal(shape.pattern)}), false) limit 1"
    ).fetchone()
    return {} if other else shape.types


_DAY = r"\d{4}-\d{2}-\d{2}"

_MOMENT = rf"{_DAY}[T ]\d{{2}}:\d{{2}}:\d{{2}}(?:\.\d{{1,6}})?Z?"
"""A moment in UTC; the reader fails to read one without seconds, and drops other offsets."""

_TEXT = "text"


def _value_shape(column: Column, mapping: Mapping) -> str | None:
    """Pattern of a value of a column, `_TEXT` for any text; None where it must be read as text."""
    if column.type == "text":
        if column.name in mapping.normalise:
            return None
        return "|".join(map(re.escape, column.allowed)) or _TEXT
    if column.type == "boolean":
        return f"(?i:{'|'.join(TRUE_WORDS + FALSE_WORDS)})"
    if column.type == "date":
        return _DAY if mapping.date_format == "%Y-%m-%d" else None
    if column.type == "timestamp":
        is_utc = mapping.timestamp_format == "iso" and mapping.time_zone == "UTC"
        return _MOMENT if is_utc else None
    if mapping.thousands_separator or mapping.currency_sign or mapping.negative != "leading":
        return None
    if not (decimal := DECIMAL.fullmatch(column.type)):
        return r"[+-]?\d{1,18}"
    if mapping.decimal_separator != ".":
        return None
    scale = int(decimal[2])
    return rf"[+-]?\d{{1,{int(decimal[1]) - scale}}}(?:\.\d{{0,{scale}}}0*)?"


def _field(shape: str | None, delimiter: str) -> str:
    """A field of a line, blank or not, in quotes or not; a quote never stands within it."""
    plain, quoted = f'"{UNREADABLE}\r\n{delimiter}', f'"{UNREADABLE}\r\n'
    if shape == _TEXT:
        # No blank at either end: nothing is left to trim.
        plain, quoted = (rf"[^ {stop}](?:[^{stop}]*[^ {stop}])?" for stop in (plain, quoted))
    elif shape is None:
        plain, quoted = f"[^{plain}]*", f"[^{quoted}]*"
    else:
        plain = quoted = shape
    return f'(?:(?:{plain})?|"(?:{quoted})?")'
