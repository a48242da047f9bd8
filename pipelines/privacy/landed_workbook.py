"""Takes a person out of a landed workbook: the cells of the records that name them, and no others.

What a record says is read as the loader reads it. The cells are then changed within the bytes of
their sheet, so that formats, other sheets and everything else in the file stay as they are.
"""

import io
import posixpath
import xml.etree.ElementTree as ET  # noqa: S405 - expat's own limits hold, and parts are capped
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from pipelines.feeds.refusal import FileRefused
from pipelines.feeds.workbook import Sheet, read_sheet
from pipelines.privacy.gone import RecordRule
from pipelines.privacy.xml_edit import Edit, Element, edit_elements, with_text

Changes = dict[tuple[int, int], str]
"""New text by row and column of a sheet, both from 1; blank empties the cell."""

SHARED = "xl/sharedStrings.xml"


def rewrite_workbook(path: Path, partial: Path, rule: RecordRule) -> bool:
    """Write a workbook anew; returns whether anything differs.

    Raises:
        FileRefused: When it cannot be read, or a formula makes what would have to go.
    """
    sheet = read_sheet(path, rule.mapping)
    changes = _changes(sheet, rule)
    with zipfile.ZipFile(path) as old:
        parts = {item.filename: old.read(item) for item in old.infolist()}
        new = _new_parts(parts, _part_of(parts, sheet.name), changes, rule)
        with zipfile.ZipFile(partial, "w") as written:
            for item in old.infolist():
                written.writestr(item, new.get(item.filename, parts[item.filename]))
    return any(parts[name] != content for name, content in new.items())


def _changes(sheet: Sheet, rule: RecordRule) -> Changes:
    changes: Changes = {}
    for number in range(2, len(sheet.rows) + 1):
        texts = sheet.texts(number, rule.mapping)
        if not any(map(rule.may_name, texts)):
            continue
        names = [*sheet.header, *[""] * (len(texts) - len(sheet.header))]
        for place, (old, new) in enumerate(zip(texts, rule.new_texts(names, texts), strict=True)):
            if new != old:
                changes[number, place + 1] = new
    return changes


def _part_of(parts: dict[str, bytes], sheet: str) -> str:
    """The part of the file that holds a sheet, by the names that the workbook gives."""
    book = ET.fromstring(parts["xl/workbook.xml"])  # noqa: S314 - a part that was read before
    (named,) = (e for e in book.iter() if _tag(e) == "sheet" and e.get("name") == sheet)
    (relation,) = (value for name, value in named.items() if name.endswith("}id"))
    relations = ET.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314 - the same
    (target,) = (e.get("Target", "") for e in relations if e.get("Id") == relation)
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _new_parts(
    parts: dict[str, bytes], part: str, changes: Changes, rule: RecordRule
) -> dict[str, bytes]:
    """The sheets and the shared texts of a workbook, with the changes to one of its sheets."""
    new = {}
    used: Counter[int] = Counter()
    freed: Counter[int] = Counter()
    for name in parts:
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            cells = _Cells(changes if name == part else {}, rule)
            new[name] = _edited(parts[name], "row", cells.edits_of)
            used += cells.used
            freed += cells.freed
    if SHARED in parts:
        texts = _SharedTexts({i for i, count in freed.items() if count == used[i]}, rule)
        new[SHARED] = _edited(parts[SHARED], "si", texts.edits_of)
    return new


def _edited(content: bytes, tag: str, edits_of: Callable[[Element], list[Edit]]) -> bytes:
    written = io.BytesIO()
    edit_elements(io.BytesIO(content), written, tag, edits_of)
    return written.getvalue()


class _Cells:
    """Goes through the rows of a sheet, and counts how its cells use the shared texts."""

    def __init__(self, changes: Changes, rule: RecordRule) -> None:
        self.used: Counter[int] = Counter()
        self.freed: Counter[int] = Counter()
        self._changes = changes
        self._rule = rule
        self._row = 0

    def edits_of(self, row: Element) -> list[Edit]:
        # A writer may leave out where rows and cells stand: they follow each other then.
        self._row = int(row.attributes.get("r", self._row + 1))
        return list(self._edits(row))

    def _edits(self, row: Element) -> Iterator[Edit]:
        column = 0
        for cell in row.named("c"):
            at = cell.attributes.get("r")
            column = _column(at) if at else column + 1
            shared = None
            if cell.attributes.get("t") == "s":
                shared = int("".join(value.text for value in cell.named("v")))
                self.used[shared] += 1
            new = self._changes.get((self._row, column))
            if new is None and self._rule.is_contact(_inline_text(cell)):
                new = ""
            if new is None:
                continue
            if cell.named("f"):
                raise FileRefused("xlsx", f"the formula in {at} makes what names the person")
            if shared is not None:
                self.freed[shared] += 1
            yield Edit(cell.start, cell.end, _cell(cell, new))


def _inline_text(cell: Element) -> str:
    """The text that stands in a cell itself; what a formula made of text among it."""
    kind = cell.attributes.get("t")
    if kind not in ("inlineStr", "str"):
        return ""
    return "".join(part.text for part in cell.walk() if part.tag in ("t", "v"))


def _cell(old: Element, text: str) -> str:
    """A cell in the place and the format of another one; its text is `erased` or a token of it."""
    prefix = old.name[: -len(old.tag)]
    kept = "".join(f' {n}="{v}"' for n, v in old.attributes.items() if n in ("r", "s"))
    if not text:
        return f"<{old.name}{kept}/>"
    return (
        f'<{old.name}{kept} t="inlineStr"><{prefix}is><{prefix}t>{text}</{prefix}t></{prefix}is>'
        f"</{old.name}>"
    )


def _column(reference: str) -> int:
    """Number of the column of a cell: 1 of A7, 28 of AB7."""
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


class _SharedTexts:
    """Goes through the shared texts: what no cell uses any more is emptied in its place."""

    def __init__(self, unused: set[int], rule: RecordRule) -> None:
        self._unused = unused
        self._rule = rule
        self._number = -1

    def edits_of(self, item: Element) -> list[Edit]:
        self._number += 1
        text = "".join(part.text for part in item.walk() if part.tag == "t")
        if self._number in self._unused or self._rule.is_contact(text):
            prefix = item.name[: -len(item.tag)]
            return [with_text(item, f"<{prefix}t/>")]
        return []
