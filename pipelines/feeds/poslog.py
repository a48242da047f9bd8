"""ARTS/NRF POSLog XML becomes CSV, one feed at a time, transaction by transaction.

One file fills several feeds, so each feed has a mapping that claims it and reads its own rows (see
`poslog_rows`). The parser is expat without a document type: entities cannot be declared, so they
can neither multiply nor reach out.
"""

import csv
import xml.etree.ElementTree as ET  # noqa: S405 - document types are refused below
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipelines.feeds.poslog_rows import ROWS_OF, PoslogError
from pipelines.feeds.refusal import FileRefused

MAXIMUM_TRANSACTION_CHARACTERS = 16_000_000
"""Text of one transaction: what the reader keeps in memory."""

MAXIMUM_DEPTH = 64


class _Transactions:
    """Builds one transaction at a time and forgets what lies around them."""

    def __init__(self) -> None:
        self.done: list[ET.Element] = []
        self.root: str | None = None
        self._builder: ET.TreeBuilder | None = None
        self._depth = 0
        self._characters = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        self.root = self.root or name
        if self._builder is None and name == "Transaction":
            self._builder, self._depth, self._characters = ET.TreeBuilder(), 0, 0
        if self._builder:
            self._depth += 1
            if self._depth > MAXIMUM_DEPTH:
                raise FileRefused("xml", f"elements lie deeper than {MAXIMUM_DEPTH}")
            self._take(sum(map(len, attributes.values())))
            self._builder.start(name, attributes)

    def end(self, tag: str) -> None:
        if self._builder:
            self._builder.end(tag.rpartition("}")[2])
            self._depth -= 1
            if self._depth == 0:
                self.done.append(self._builder.close())
                self._builder = None

    def data(self, text: str) -> None:
        if self._builder:
            self._take(len(text))
            self._builder.data(text)

    def doctype(self, *_: object) -> None:
        raise FileRefused("xml", "a document type is declared; POSLog needs none")

    def close(self) -> None:
        """Nothing is left to do at the end."""

    def _take(self, characters: int) -> None:
        self._characters += characters
        if self._characters > MAXIMUM_TRANSACTION_CHARACTERS:
            raise FileRefused("xml", "a transaction is too long to be one")


def _transactions(chunks: Iterable[bytes]) -> Iterator[ET.Element]:
    """The transactions of a POSLog document, in file order."""
    target = _Transactions()
    parser = ET.XMLParser(target=target)  # noqa: S314 - its target refuses document types
    try:
        for chunk in chunks:
            parser.feed(chunk)
            yield from target.done
            target.done.clear()
        parser.close()
    except (ET.ParseError, LookupError, ValueError) as error:
        raise FileRefused("xml", str(error)) from error
    if target.root != "POSLog":
        raise FileRefused("xml", f"the root is {target.root!r}, not 'POSLog'")


def write_poslog_as_csv(chunks: Iterable[bytes], feed: str, target: Path) -> tuple[list[str], int]:
    """Write the rows that a POSLog document holds for one feed; returns header and row count.

    Raises:
        FileRefused: When the document is cut off, no POSLog, too deep or too long, or holds a line
            that may carry money and that no feed takes.
    """
    columns, _ = ROWS_OF[feed]
    count = number = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        for number, transaction in enumerate(_transactions(chunks), start=1):
            try:
                # A document is refused for all feeds or for none: its parts belong together.
                rows = {name: list(rows_of(transaction)) for name, (_, rows_of) in ROWS_OF.items()}
            except PoslogError as error:
                raise FileRefused("poslog", f"transaction {number}: {error}") from error
            for row in rows[feed]:
                writer.writerow([row.get(column, "") for column in columns])
            count += len(rows[feed])
    if number == 0:
        raise FileRefused("empty", "the document holds no transaction")
    return list(columns), count
