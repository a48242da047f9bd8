"""The parts of a workbook that a change of its cells touches, edited within their bytes."""

import io
import posixpath
import xml.etree.ElementTree as ET  # noqa: S405 - expat's own limits hold, and parts are capped
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pipelines.privacy.xml_edit import Edit, Element, edit_elements, with_text

SHARED = "xl/sharedStrings.xml"


def read_parts(path: Path) -> dict[str, bytes]:
    """The content of every part of a workbook, by name."""
    with zipfile.ZipFile(path) as book:
        return {item.filename: book.read(item) for item in book.infolist()}


def write_parts(path: Path, target: Path, new: Mapping[str, bytes | None]) -> None:
    """Write a workbook anew, with other content in some of its parts, and without those of none."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as written:
        for item in old.infolist():
            content = new.get(item.filename, old.read(item))
            if content is not None:
                written.writestr(item, content)


def sheets_of(parts: Mapping[str, bytes]) -> Iterator[str]:
    """The parts that hold the cells of a sheet."""
    return (n for n in parts if n.startswith("xl/worksheets/") and n.endswith(".xml"))


def part_of(parts: Mapping[str, bytes], sheet: str) -> str:
    """The part of a workbook that holds a sheet, by the names that the workbook gives."""
    book = ET.fromstring(parts["xl/workbook.xml"])  # noqa: S314 - a part that was read before
    (named,) = (e for e in book.iter() if _tag(e) == "sheet" and e.get("name") == sheet)
    (relation,) = (value for name, value in named.items() if name.endswith("}id"))
    relations = ET.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314 - the same
    (target,) = (e.get("Target", "") for e in relations if e.get("Id") == relation)
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def edited(content: bytes, tag: str, edits_of: Callable[[Element], list[Edit]]) -> bytes:
    """A part with the edits that are wanted in its elements of a name."""
    written = io.BytesIO()
    edit_elements(io.BytesIO(content), written, tag, edits_of)
    return written.getvalue()


class SharedTextUse:
    """How often cells use each shared text, and how many of these cells give it up."""

    def __init__(self) -> None:
        self._used: Counter[int] = Counter()
        self._freed: Counter[int] = Counter()

    def count(self, cell: Element, *, is_freed: bool) -> None:
        """Take note of a cell, which need not hold a shared text."""
        if cell.attributes.get("t") == "s":
            number = int("".join(value.text for value in cell.named("v")))
            self._used[number] += 1
            self._freed[number] += is_freed

    def without_freed(
        self, content: bytes, is_gone: Callable[[str], bool] = lambda text: False
    ) -> bytes:
        """The shared texts: what no cell uses any more is emptied in its place, as cells count.

        Args:
            content: The part that holds them.
            is_gone: Tells of a text whether it goes whoever uses it.
        """
        number = -1

        def edits_of(item: Element) -> list[Edit]:
            nonlocal number
            number += 1
            text = "".join(part.text for part in item.walk() if part.tag == "t")
            freed = self._freed[number]
            if not (freed and freed == self._used[number]) and not is_gone(text):
                return []
            prefix = item.name[: -len(item.tag)]
            return [with_text(item, f"<{prefix}t/>")]

        return edited(content, "si", edits_of)
