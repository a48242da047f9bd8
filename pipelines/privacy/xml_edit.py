"""Edits elements of an XML document in place: every byte that is not edited stays as it was.

To write a parsed document anew would rename the prefixes of its namespaces, which Office does not
forgive. So the parser only tells where elements begin and end, and new text is put between the old
bytes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat  # noqa: S405 - document types are refused below
from xml.sax.saxutils import quoteattr  # noqa: S406 - it writes

from pipelines.feeds.refusal import FileRefused
from pipelines.feeds.unpack import CHUNK_BYTES


@dataclass(eq=False)
class Element:
    """An element and where it stands, in bytes of the document.

    Attributes:
        name: Its name as written, with its prefix.
        start: Of its start tag.
        inner: End of its start tag.
        inner_end: Start of its end tag.
        end: Of its end tag.
    """

    name: str
    attributes: dict[str, str]
    start: int
    inner: int = 0
    inner_end: int = 0
    end: int = 0
    children: list["Element"] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def tag(self) -> str:
        """Its name without the prefix."""
        return self.name.rpartition(":")[2]

    @property
    def text(self) -> str:
        """The text directly in it."""
        return "".join(self.pieces)

    def named(self, tag: str) -> list["Element"]:
        """Its children of a name."""
        return [child for child in self.children if child.tag == tag]

    def walk(self) -> Iterator["Element"]:
        """Itself and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Edit:
    """New text in the place of a span of bytes."""

    start: int
    end: int
    text: str


def without(element: Element) -> Edit:
    """Take an element out."""
    return Edit(element.start, element.end, "")


def with_text(element: Element, text: str) -> Edit:
    """Put a text, which needs no escaping, in the place of what is in an element."""
    return Edit(element.inner, element.inner_end, text)


def with_attribute(element: Element, name: str, value: str) -> Edit:
    """Give an attribute another value, which needs no escaping."""
    said = element.attributes | {name: value}
    written = "".join(f" {n}={quoteattr(v)}" for n, v in said.items())
    end = "/>" if element.inner == element.end else ">"
    return Edit(element.start, element.inner, f"<{element.name}{written}{end}")


def edit_elements(
    source: IO[bytes], target: IO[bytes], tag: str, edits_of: Callable[[Element], list[Edit]]
) -> bool:
    """Copy a document, with the edits that are wanted in its elements of a name.

    Args:
        source: The document; one element of that name is held in memory at a time.
        target: Where the copy goes.
        tag: The elements to look at, by their name without prefix.
        edits_of: Called with each of them, which is whole then.

    Returns:
        Whether anything was edited.

    Raises:
        FileRefused: When the document is damaged or declares a document type.
    """
    reader = _Reader(tag)
    held, start, is_edited = bytearray(), 0, False
    while True:
        chunk = source.read(CHUNK_BYTES)
        held += chunk
        for element in reader.feed(chunk):
            for edit in sorted(edits_of(element), key=lambda edit: edit.start):
                target.write(held[: edit.start - start])
                target.write(edit.text.encode(reader.encoding))
                del held[: edit.end - start]
                start, is_edited = edit.end, True
        if reader.is_outside:
            target.write(held[: reader.position - start])
            del held[: reader.position - start]
            start = reader.position
        if not chunk:
            target.write(held)
            return is_edited


class _Reader:
    """The parser, which tells the place of each event, and so the end of what came before it."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self._stack: list[Element] = []
        self._done: list[Element] = []
        self._settle: Callable[[int], None] | None = None
        self.encoding = "utf-8"
        self.position = 0
        self._is_first = True
        parser = self._parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        parser.XmlDeclHandler = self._declare
        # Whatever stands between two tags ends the first one.
        parser.CommentHandler = parser.ProcessingInstructionHandler = self._pass
        parser.StartCdataSectionHandler = parser.EndCdataSectionHandler = self._pass

    @property
    def is_outside(self) -> bool:
        """Whether no element of the name is open."""
        return not self._stack and self._settle is None

    def feed(self, chunk: bytes) -> list[Element]:
        """Read on; returns the elements that became whole. An empty chunk is the end."""
        if self._is_first and chunk:
            self._is_first = False
            marks = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
            self.encoding = marks.get(chunk[:2], self.encoding)
        try:
            self._parser.Parse(chunk, not chunk)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise FileRefused("xml", str(error)) from error
        done, self._done = self._done, []
        return done

    def _at(self) -> None:
        self.position = self._parser.CurrentByteIndex
        if self._settle:
            self._settle(self.position)
            self._settle = None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._at()
        if not self._stack and name.rpartition(":")[2] != self._tag:
            return
        element = Element(name, attributes, self.position)
        if self._stack:
            self._stack[-1].children.append(element)
        self._stack.append(element)
        self._settle = lambda place: setattr(element, "inner", place)

    def _end(self, _: str) -> None:
        self._at()
        if not self._stack:
            return
        element = self._stack.pop()
        element.inner_end = self.position
        is_whole = not self._stack

        def settle(place: int) -> None:
            element.end = place
            if is_whole:
                self._done.append(element)

        self._settle = settle

    def _text(self, text: str) -> None:
        self._at()
        if self._stack:
            self._stack[-1].pieces.append(text)

    def _pass(self, *_: object) -> None:
        self._at()

    def _declare(self, _: str, encoding: str | None, __: int) -> None:
        # What a mark at the beginning says is more than the declaration's plain UTF-16.
        if encoding and not self.encoding.startswith("utf-16-"):
            self.encoding = encoding

    def _refuse(self, *_: object) -> None:
        raise FileRefused("xml", "a document type is declared")
