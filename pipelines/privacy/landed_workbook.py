"""Takes a person out of a landed workbook: the cells of the records that name them, and no others.

What a record says is read as the loader reads it. The cells are then changed within the bytes of
their sheet, so that formats, other sheets and everything else in the file stay as they are.
"""

from collections.abc import Iterator
from pathlib import Path

from pipelines.feeds.refusal import FileRefused
from pipelines.feeds.workbook import Sheet, read_sheet
from pipelines.privacy.gone import RecordRule
from pipelines.privacy.workbook_parts import (
    SHARED,
    SharedTextUse,
    edited,
    part_of,
    read_parts,
    sheets_of,
    write_parts,
)
from pipelines.privacy.xml_edit import Edit, Element

Changes = dict[tuple[int, int], str]
"""New text by row and column of a sheet, both from 1; blank empties the cell."""


def rewrite_workbook(path: Path, partial: Path, rule: RecordRule) -> bool:
    """Write a workbook anew; returns whether anything differs.

    Raises:
        FileRefused: When it cannot be read, or a formula makes what would have to go.
    """
    sheet = read_sheet(path, rule.mapping)
    changes = _changes(sheet, rule)
    parts = read_parts(path)
    new = _new_parts(parts, part_of(parts, sheet.name), changes, rule)
    write_parts(path, partial, new)
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


def _new_parts(
    parts: dict[str, bytes], part: str, changes: Changes, rule: RecordRule
) -> dict[str, bytes]:
    """The sheets and the shared texts of a workbook, with the changes to one of its sheets."""
    use = SharedTextUse()
    new = {
        name: edited(
            parts[name], "row", _Cells(changes if name == part else {}, rule, use).edits_of
        )
        for name in sheets_of(parts)
    }
    if SHARED in parts:
        new[SHARED] = use.without_freed(parts[SHARED], rule.is_contact)
    return new


class _Cells:
    """Goes through the rows of a sheet."""

    def __init__(self, changes: Changes, rule: RecordRule, use: SharedTextUse) -> None:
        self._changes = changes
        self._rule = rule
        self._use = use
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
            new = self._changes.get((self._row, column))
            if new is None and self._rule.is_contact(_inline_text(cell)):
                new = ""
            self._use.count(cell, is_freed=new is not None)
            if new is None:
                continue
            if cell.named("f"):
                raise FileRefused("xlsx", f"the formula in {at} makes what names the person")
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
