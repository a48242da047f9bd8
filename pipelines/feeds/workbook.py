"""Excel workbooks: one sheet becomes CSV text, cell by cell as Excel shows the value.

What a workbook alone can say is decided here: a date is a date cell, a number has the 15 digits
that Excel keeps, an empty row keeps its number. Everything else is the loader's business, as for
any CSV file.
"""

import csv
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import python_calamine

from pipelines.feeds.mapping import EXCEL_EPOCH, EXCEL_SERIAL, Mapping
from pipelines.feeds.refusal import FileRefused
from pipelines.feeds.sheet_check import SheetCheck
from pipelines.feeds.unpack import CHUNK_BYTES, ZIP_ERRORS

MAXIMUM_WORKBOOK_BYTES = 1 << 29
"""Unpacked size of all parts: a workbook is read into memory as a whole."""

ISO = "iso"


def write_workbook_as_csv(path: Path, mapping: Mapping, target: Path) -> tuple[list[str], int]:
    """Write the mapping's sheet as UTF-8 CSV; returns header and number of records.

    Record n stands in row n + 1 of the sheet, empty rows between included.

    Raises:
        FileRefused: When the workbook is damaged, has no such sheet, a cell in error, or a number
            that Excel itself has rounded.
    """
    sheet = read_sheet(path, mapping)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(sheet.header)
        writer.writerows(_records(sheet, mapping))
    return sheet.header, len(sheet.rows) - 1


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet as Excel shows it.

    Attributes:
        name: Its name.
        header: Names in the first row.
        shapes: How a date cell of each of these columns is written.
        rows: Its cells from A1 on, the header's row included; a blank is an empty text.
    """

    name: str
    header: list[str]
    shapes: list[str]
    rows: Sequence[Sequence[object]]

    def texts(self, number: int, mapping: Mapping) -> list[str]:
        """The cells of a row, by its number in the sheet, as text that the loader reads back.

        Raises:
            FileRefused: When a number has more digits than Excel keeps.
        """
        row, width = self.rows[number - 1], len(self.shapes)
        cells = [*row, *[""] * (width - len(row))]
        shapes = [*self.shapes, *[ISO] * (len(cells) - width)]
        return [
            _text(cell, shape, mapping, number) for cell, shape in zip(cells, shapes, strict=True)
        ]


def read_sheet(path: Path, mapping: Mapping) -> Sheet:
    """Read the mapping's sheet of a workbook.

    Raises:
        FileRefused: When the workbook is damaged, has no such sheet, an empty one, or a cell in
            error.
    """
    _hold_parts(path)
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            name = mapping.sheet or book.sheet_names[0]
            if name not in book.sheet_names:
                raise FileRefused(
                    "sheet", f"there is no sheet {name!r}, but {', '.join(book.sheet_names)}"
                )
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, zipfile.BadZipFile) as error:
        raise FileRefused("xlsx", str(error)) from error
    while rows and not any(cell != "" for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise FileRefused("empty", f"the sheet {name!r} holds no cell")
    header = [str(cell).strip() for cell in rows[0]]
    while header and not header[-1]:
        header.pop()
    shapes = [_date_shape(own, mapping) for own in header]
    return Sheet(name=name, header=header, shapes=shapes, rows=rows)


def _hold_parts(path: Path) -> None:
    """Read every part once: checksums and size, and of sheets what their reader lets pass."""
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                is_sheet = "/worksheets/" in member.filename and member.filename.endswith(".xml")
                sheet = SheetCheck() if is_sheet else None
                with archive.open(member) as part:
                    while chunk := part.read(CHUNK_BYTES):
                        total += len(chunk)
                        if total > MAXIMUM_WORKBOOK_BYTES:
                            raise FileRefused(
                                "size", f"the workbook unpacks to over {MAXIMUM_WORKBOOK_BYTES} B"
                            )
                        if sheet:
                            sheet.feed(chunk)
                if sheet:
                    sheet.close()
    except ZIP_ERRORS as error:
        raise FileRefused("xlsx", f"the workbook is damaged: {error}") from error
    except RuntimeError as error:  # zipfile's word for a password
        raise FileRefused("xlsx", str(error)) from error


def _date_shape(own: str, mapping: Mapping) -> str:
    """How a date cell of a column is written, so that the loader reads it back."""
    name = mapping.mapped.get(own)
    kind = mapping.contract().column(name).type if name else "text"
    if kind == "date":
        return mapping.date_format
    return mapping.timestamp_format if kind == "timestamp" else ISO


def _records(sheet: Sheet, mapping: Mapping) -> Iterator[list[str]]:
    width = len(sheet.header)
    for number in range(2, len(sheet.rows) + 1):
        texts = sheet.texts(number, mapping)
        # A cell right of the header belongs to no column: the record has one field too many.
        yield texts[:width] + [text for text in texts[width:] if text]


def _text(cell: object, shape: str, mapping: Mapping, row: int) -> str:
    if isinstance(cell, str):
        return cell.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | int):
        if abs(cell) >= 1e15:
            raise FileRefused(
                "xlsx",
                f"row {row} holds a number of 16 digits or more, of which Excel keeps 15: "
                "format the column as text",
            )
        return _plain_number(cell).replace(".", mapping.decimal_separator)
    if isinstance(cell, datetime | date):
        return _moment(cell, shape)
    if isinstance(cell, time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else ""


def _plain_number(number: float) -> str:
    """15 significant digits, as Excel shows them, and never an exponent."""
    text = f"{number:.15g}"
    return text if "e" not in text else f"{number:.20f}".rstrip("0")


def _moment(cell: date, shape: str) -> str:
    moment = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)
    if shape == EXCEL_SERIAL:
        days = (moment - EXCEL_EPOCH) / timedelta(days=1)
        return f"{days:.9f}".rstrip("0").rstrip(".")
    if shape == ISO:
        return moment.isoformat() if isinstance(cell, datetime) else cell.isoformat()
    written = moment.strftime(shape)
    # a time of day that a date's shape has no room for must not vanish
    return written if datetime.strptime(written, shape) == moment else moment.isoformat()
