"""Takes rows out of a landed workbook: those that stay close up, as the lines of a text do.

Formulas of the sheet become the values that they show, for they may count on rows that are gone.
Formats, columns and other sheets stay as they are.
"""

import posixpath
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from pathlib import Path

from pipelines.feeds.mapping import Mapping
from pipelines.feeds.refusal import FileRefused
from pipelines.feeds.workbook import read_sheet
from pipelines.privacy.workbook_parts import (
    SHARED,
    SharedTextUse,
    edited,
    part_of,
    read_parts,
    sheets_of,
    write_parts,
)
from pipelines.privacy.xml_edit import Edit, Element, with_attribute, without

REPEATING_PARTS = re.compile("xl/(pivotCache/|comments|threadedComments/)")
"""What says again, or says more, of rows that it knows by their place or not at all."""

PLACED = ("mergeCell", "hyperlink")
"""What belongs to a row of a sheet without standing in it."""

CALCULATION = "xl/calcChain.xml"
"""Which cells have formulas; where it is not, it is made again."""

NAMING_PARTS = {"[Content_Types].xml": "Override", "xl/_rels/workbook.xml.rels": "Relationship"}
"""Parts that name others, with the elements that do."""


def keep_workbook_rows(
    path: Path, target: Path, mapping: Mapping, numbers: Collection[int], record_count: int
) -> None:
    """Write a workbook anew with some of its sheet's records.

    Args:
        path: The workbook.
        target: The new one.
        mapping: Which names the sheet.
        numbers: Of the rows that stay, as the sheet counts them.
        record_count: Records that the loader counted.

    Raises:
        FileRefused: When it cannot be read, holds other records than were counted, or something
            that is bound to rows and would go on telling of them.
    """
    sheet = read_sheet(path, mapping)
    found = len(sheet.rows) - 1
    if found != record_count:
        raise FileRefused("record count", f"{record_count} were counted, here are {found}")
    parts = read_parts(path)
    part = part_of(parts, sheet.name)
    _hold_nothing_else_tells(parts, part)
    use = SharedTextUse()
    gone = [number for number in range(2, found + 2) if number not in numbers]
    new: dict[str, bytes | None] = {}
    for name in sheets_of(parts):
        rows = _Rows(gone if name == part else [], use)
        new[name] = edited(parts[name], "row", rows.edits_of)
    if SHARED in parts:
        new[SHARED] = use.without_freed(parts[SHARED])
    if CALCULATION in parts:
        new[CALCULATION] = None
        for name, tag in NAMING_PARTS.items():
            new[name] = edited(parts[name], tag, _unnamed)
    write_parts(path, target, new)


def _hold_nothing_else_tells(parts: dict[str, bytes], part: str) -> None:
    if found := next(filter(REPEATING_PARTS.match, parts), None):
        raise FileRefused("xlsx", f"{found} may tell of rows of the sheet")

    def refuse(element: Element) -> list[Edit]:
        place = element.attributes.get("ref", "")
        if any(int(row) > 1 for row in re.findall(r"\d+", place)):
            raise FileRefused("xlsx", f"a {element.tag} is bound to {place}")
        return []

    for tag in PLACED:
        edited(parts[part], tag, refuse)


def _unnamed(element: Element) -> list[Edit]:
    named = element.attributes.get("PartName") or element.attributes.get("Target", "")
    # A target is told from the root or from the workbook on.
    return [without(element)] if posixpath.join("/xl", named) == f"/{CALCULATION}" else []


class _Rows:
    """Goes through the rows of a sheet, in their order.

    Attributes of place follow: a writer may leave them out where rows and cells follow each other,
    and then there is nothing to change.
    """

    def __init__(self, gone: list[int], use: SharedTextUse) -> None:
        self._gone = gone
        self._use = use
        self._row = 0

    def edits_of(self, row: Element) -> list[Edit]:
        self._row = int(row.attributes.get("r", self._row + 1))
        before = bisect_left(self._gone, self._row)
        is_gone = self._row in self._gone[before : before + 1]
        for cell in row.named("c"):
            self._use.count(cell, is_freed=is_gone)
        if not self._gone:
            return []
        return [without(row)] if is_gone else list(_moved(row, str(self._row - before)))


def _moved(row: Element, number: str) -> Iterator[Edit]:
    if "r" in row.attributes:
        yield with_attribute(row, "r", number)
    for cell in row.named("c"):
        if at := cell.attributes.get("r"):
            yield with_attribute(cell, "r", at.rstrip("0123456789") + number)
        yield from map(without, cell.named("f"))
