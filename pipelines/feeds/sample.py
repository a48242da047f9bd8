"""A look at the beginning of a file: what it seems to be, before anybody declared anything.

Nothing here is used to load a file; a guess is good enough for a proposal and for nothing else.
"""

import csv
import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import charset_normalizer
import duckdb
import python_calamine

from pipelines.feeds.refusal import FileRefused
from pipelines.feeds.unpack import LandedBytes, unpacked_chunks

SAMPLE_BYTES = 1 << 20
SAMPLE_ROWS = 1000

BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8"}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The first rows of a file as text.

    Attributes:
        doubts: What could not be told for sure, in words.
    """

    format: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    doubts: tuple[str, ...] = ()

    def values(self, column: str) -> list[str]:
        """The texts of one column that are not blank."""
        place = self.header.index(column)
        cells = (row[place].strip() for row in self.rows if len(row) > place)
        return [cell for cell in cells if cell]


def read_sample(path: Path) -> Sample:
    """Look at a file.

    Raises:
        FileRefused: When it is empty, damaged, or nothing that can be read.
    """
    with LandedBytes(path) as landed:
        begin = next(unpacked_chunks(landed), b"")[:SAMPLE_BYTES]
    if not begin:
        raise FileRefused("empty", "the file has no bytes")
    if begin.startswith(b"PAR1"):
        return _parquet(path)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _workbook(path)
    encoding, doubts = _encoding(begin)
    # the sample may end within a character
    text = begin.decode(encoding, errors="ignore").removeprefix("\ufeff")
    if text.lstrip().startswith("<"):
        return Sample(format="poslog", header=(), rows=())
    if text.lstrip().startswith("{"):
        return _json_lines(text, encoding)
    return _csv(text, encoding, doubts)


def _encoding(begin: bytes) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in BOMS.items():
        if begin.startswith(mark):
            return encoding, ()
    try:
        # an error in the last bytes is a character that the sample cuts
        begin[: begin.rfind(b"\n") + 1 or len(begin)].decode("utf-8")
    except UnicodeDecodeError:
        best = charset_normalizer.from_bytes(begin).best()
        guess = best.encoding if best else "cp1252"
        if begin.decode(guess, "replace") == begin.decode("cp1252", "replace"):
            guess = "cp1252"  # of code pages that say the same the one that tills use
        shown = next(
            (line for line in begin.decode(guess, "replace").splitlines() if not line.isascii()), ""
        )
        return guess.replace("_", "-"), (
            f"encoding: guessed. Read so, a line says: {shown[:60]!r}. If that is wrong, "
            "try cp1252, gb18030 or latin-1",
        )
    return "utf-8", ()


def _csv(text: str, encoding: str, doubts: tuple[str, ...]) -> Sample:
    complete = text[: text.rfind("\n") + 1] or text
    try:
        delimiter = csv.Sniffer().sniff(complete[:65536], delimiters=",;\t|").delimiter
    except csv.Error:
        delimiter = max(",;\t|", key=complete.splitlines()[0].count)
        doubts = (*doubts, f"delimiter: {delimiter!r} is only the most frequent in the header")
    lines = csv.reader(complete.splitlines(keepends=True), delimiter=delimiter)
    rows = [tuple(row) for row in islice(lines, SAMPLE_ROWS + 1)]
    header = tuple(name.strip() for name in rows[0])
    return Sample(
        format="csv",
        header=header,
        rows=tuple(rows[1:]),
        encoding=encoding,
        delimiter=delimiter,
        doubts=doubts,
    )


def _json_lines(text: str, encoding: str) -> Sample:
    records = []
    for line in islice(text.splitlines(), SAMPLE_ROWS):
        try:
            records.append(json.loads(line))
        except ValueError:
            continue
    header = tuple(dict.fromkeys(name for record in records for name in record))
    rows = tuple(
        tuple("" if record.get(name) is None else str(record[name]) for name in header)
        for record in records
    )
    return Sample(format="jsonl", header=header, rows=rows, encoding=encoding)


def _parquet(path: Path) -> Sample:
    with duckdb.connect() as connection:
        try:
            found = connection.execute(
                "select columns(*)::varchar from read_parquet($path) limit $rows",
                {"path": str(path), "rows": SAMPLE_ROWS},
            )
        except duckdb.Error as error:
            raise FileRefused("parquet", str(error).splitlines()[0]) from error
        header = tuple(column[0] for column in found.description or [])
        rows = tuple(tuple(cell or "" for cell in row) for row in found.fetchall())
    return Sample(format="parquet", header=header, rows=rows)


def _workbook(path: Path) -> Sample:
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            names = book.sheet_names
            rows = book.get_sheet_by_name(names[0]).to_python(skip_empty_area=False)
    except python_calamine.CalamineError as error:
        raise FileRefused("xlsx", str(error)) from error
    if not rows:
        raise FileRefused("empty", f"the sheet {names[0]!r} holds no cell")
    doubt = (f"sheet: the first of {', '.join(names)}",) if len(names) > 1 else ()
    texts = [tuple(str(cell) for cell in row) for row in rows[: SAMPLE_ROWS + 1]]
    return Sample(format="xlsx", header=texts[0], rows=tuple(texts[1:]), doubts=doubt)
