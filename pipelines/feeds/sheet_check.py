"""Holds what the reader of workbooks lets pass in the XML of a sheet.

It hands on cells in error as blanks, reads on behind a tag that is out of place, and of two cells
at one place keeps one.
"""

import re
from xml.parsers import expat

from pipelines.feeds.refusal import FileRefused

CELL = re.compile(r"[A-Z]{1,3}([1-9]\d{0,6})")


class SheetCheck:
    """Takes a sheet's XML in chunks.

    Raises:
        FileRefused: When it is not well-formed, declares a document type, has a cell in error such
            as #N/A, or two cells at one place.
    """

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._row = ""
        self._rows: set[str] = set()
        self._cells: set[str] = set()

    def feed(self, chunk: bytes) -> None:
        """The next bytes."""
        self._parse(chunk, is_final=False)

    def close(self) -> None:
        """No more bytes follow."""
        self._parse(b"", is_final=True)

    def _parse(self, chunk: bytes, *, is_final: bool) -> None:
        try:
            self._parser.Parse(chunk, is_final)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise FileRefused("xlsx", f"a sheet is no XML: {error}") from error

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "c":
            self._hold_cell(attributes)
        elif name == "row":
            self._row = attributes.get("r", "")
            self._cells.clear()
            if self._row and self._row in self._rows:
                raise FileRefused("xlsx", f"row {self._row} stands in the sheet twice")
            self._rows.add(self._row)

    def _hold_cell(self, attributes: dict[str, str]) -> None:
        cell = attributes.get("r", "")
        if attributes.get("t") == "e":
            raise FileRefused("xlsx", f"cell {cell} is in error, such as #N/A")
        if not cell:
            return
        place = CELL.fullmatch(cell)
        if place is None or (self._row and place[1] != self._row):
            raise FileRefused("xlsx", f"cell {cell!r} stands in row {self._row}")
        if cell in self._cells:
            raise FileRefused("xlsx", f"cell {cell} stands in the sheet twice")
        self._cells.add(cell)

    def _doctype(self, *_: object) -> None:
        raise FileRefused("xlsx", "a sheet declares a document type")
