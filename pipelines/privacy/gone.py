"""Who is to be erased, as landed files name them, and what becomes of a record that does."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipelines.feeds.contract import Contract
from pipelines.feeds.erased import ERASED
from pipelines.feeds.mapping import Mapping
from pipelines.privacy.scrub import PERSONAL

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))

_STEPS: dict[str, Callable[[str], str]] = {
    "trim": str.strip,
    "invisible": lambda text: text.translate(_INVISIBLE),
    "nfkc": lambda text: unicodedata.normalize("NFKC", text),
    "upper": str.upper,
}


def as_loaded(mapping: Mapping, name: str, text: str) -> str:
    """What the loader makes of a text of a contract's column."""
    for step in mapping.normalise.get(name, ()):
        text = _STEPS[step](text)
    return text.strip()


@dataclass(frozen=True, kw_only=True)
class Gone:
    """Who is to be erased, as files name them.

    Attributes:
        records: Token by source system and number.
        references: Token by number on facts.
        contacts: Mail addresses and phone numbers, in small letters.
        cards: Tokens of payment cards that nobody else is known to use.
    """

    records: dict[tuple[str, str], str]
    references: dict[str, str]
    contacts: frozenset[str]
    cards: frozenset[str] = frozenset()

    @cached_property
    def texts(self) -> frozenset[str]:
        """Everything that may stand in a file, in small letters."""
        numbers = {*self.references, *(number for _, number in self.records)}
        return frozenset(text.lower() for text in (*numbers, *self.contacts, *self.cards))


@dataclass(frozen=True)
class RecordRule:
    """What becomes of a record of a file, by the columns of its contract."""

    mapping: Mapping
    said: dict[str, str]
    gone: Gone

    @property
    def contract(self) -> Contract:
        """The contract of the file's feed."""
        return self.mapping.contract()

    def new_texts(self, names: Sequence[str], texts: Sequence[str]) -> list[str]:
        """The texts of a record without the person; of another record as they are.

        Args:
            names: The file's own columns.
            texts: What stands in them; blank for nothing.
        """
        columns = [self.mapping.columns.get(name) for name in names]
        given = {c: text for c, text in zip(columns, texts, strict=True) if c is not None}
        changed = self._changes(given)
        new = list(texts)
        if changed:
            about = self._is_about(changed)
            new = [
                changed.get(c or "", "" if about and not self._keeps(c) else text)
                for c, text in zip(columns, texts, strict=True)
            ]
        # A column that the mapping leaves out may hold the address too.
        return ["" if self.is_contact(text) else text for text in new]

    def new_reference(self, name: str, text: str) -> str | None:
        """What a reference to the person becomes; None where it names somebody else.

        Args:
            name: Contract column, which need not be one of the mapping's own feed.
            text: What the file holds.
        """
        alike = self._alike(name, text)
        return ERASED if alike in self.gone.references or alike in self.gone.cards else None

    def is_contact(self, text: str) -> bool:
        """Whether a text is a mail address or phone number of the person."""
        return text.strip().lower() in self.gone.contacts

    def may_name(self, record: str) -> bool:
        """Whether a text may hold what names the person: few do, and only those are parsed."""
        if self.mapping.normalise:
            record = unicodedata.normalize("NFKC", record.translate(_INVISIBLE))
        small = record.lower()
        # What is escaped may be anything.
        return "\\" in small or any(text in small for text in self.gone.texts)

    def _changes(self, given: dict[str, str]) -> dict[str, str]:
        """New values by contract column of a record that names the person; none of another.

        A record about the person keeps its key and what is required: the caller blanks the rest.
        """
        row = self.said | {name: self._alike(name, text) for name, text in given.items()}
        record = self.contract.record_column
        if record:
            system = row.get("source_system", "")
            if token := self.gone.records.get((system, row.get(record.name, ""))):
                return {record.name: token}
            others = [c.name for c in self.contract.customer_columns if c is not record]
            found = [n for n in others if (system, row.get(n, "")) in self.gone.records]
            return dict.fromkeys(found, "")
        changed = {
            column.name: self.gone.references[row[column.name]] if column.key else ERASED
            for column in self.contract.customer_columns
            if row.get(column.name) in self.gone.references
        }
        if changed:
            personal = [
                c.name
                for c in self.contract.columns
                if not c.required and c.personal_data in PERSONAL
            ]
            changed |= dict.fromkeys(personal, "")
        cards = [c.name for c in self.contract.card_columns if row.get(c.name) in self.gone.cards]
        return changed | dict.fromkeys(cards, ERASED)

    def _is_about(self, changed: dict[str, str]) -> bool:
        """Whether the record is the person's own, so that nothing but its key is kept."""
        record = self.contract.record_column
        return record is not None and record.name in changed

    def _keeps(self, name: str | None) -> bool:
        """Whether a column stays in a record of the person's own."""
        if name is None:
            return False
        column = self.contract.column(name)
        return column.key or column.required

    def _alike(self, name: str, text: str) -> str:
        return as_loaded(self.mapping, name, text)
