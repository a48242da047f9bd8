"""Takes a person out of landed files: the archive from which a house can be built anew.

Records that do not name the person keep their bytes. The others are parsed one by one, since no SQL
writes a file back as its sender wrote it. What is written in a file is what `scrub` writes in the
rows that came from it, so a house that is built anew from the files is the same one.
"""

import csv
import gzip
import hashlib
import io
import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.feeds.contract import Contract
from pipelines.feeds.erased import ERASED
from pipelines.feeds.landing import iso_values
from pipelines.feeds.manifest import is_manifest
from pipelines.feeds.mapping import Mapping, claims_on
from pipelines.feeds.reader import MAXIMUM_LINE_BYTES
from pipelines.privacy.scrub import PERSONAL

GZIP_MAGIC = b"\x1f\x8b"
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


@dataclass(frozen=True, kw_only=True)
class Gone:
    """Who is to be erased, as files name them.

    Attributes:
        records: Token by source system and number.
        references: Token by number on facts.
        contacts: Mail addresses and phone numbers, in small letters.
    """

    records: dict[tuple[str, str], str]
    references: dict[str, str]
    contacts: frozenset[str]

    @property
    def texts(self) -> frozenset[str]:
        """Everything that may stand in a file, in small letters."""
        numbers = {*self.references, *(number for _, number in self.records)}
        return frozenset(text.lower() for text in (*numbers, *self.contacts))


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """A landed file without the person, beside the old one and not yet in its place."""

    name: str
    path: Path
    partial: Path
    sha256: str
    size_bytes: int

    def take_place(self) -> None:
        """Put the new file in the place of the old one, with its time and its mode."""
        status = self.path.stat()
        self.partial.chmod(status.st_mode)
        os.utime(self.partial, ns=(status.st_atime_ns, status.st_mtime_ns))
        self.partial.replace(self.path)


def rewritten_files(landing: Path, mappings: list[Mapping], gone: Gone) -> Iterator[Rewritten]:
    """Each landed file that names the person, written anew beside itself."""
    for name, path, mapping in _claimed(landing, mappings):
        contract = mapping.contract()
        if not _may_name_people(contract) or not can_be_rewritten(path, mapping):
            continue
        said = mapping.constants | iso_values(mapping, mapping.match(name) or {})
        partial = path.with_name(f".{path.name}.partial")
        try:
            is_changed = _rewrite(path, partial, mapping, _Rule(contract, mapping, said, gone))
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        if not is_changed:
            partial.unlink()
            continue
        yield Rewritten(
            name=name,
            path=path,
            partial=partial,
            sha256=hashlib.sha256(partial.read_bytes()).hexdigest(),
            size_bytes=partial.stat().st_size,
        )


def can_be_rewritten(path: Path, mapping: Mapping) -> bool:
    """Whether the file is text, plain or compressed by gzip."""
    if mapping.format not in ("csv", "jsonl"):
        return False
    with path.open("rb") as file:
        return not file.read(4).startswith(b"PK\x03\x04")


def _claimed(landing: Path, mappings: list[Mapping]) -> Iterator[tuple[str, Path, Mapping]]:
    for path in sorted(landing.rglob("*")):
        name = path.relative_to(landing).as_posix()
        if not path.is_file() or path.name.startswith(".") or is_manifest(path.name):
            continue
        for mapping, _ in claims_on(name, mappings):
            yield name, path, mapping


def _may_name_people(contract: Contract) -> bool:
    return bool(contract.customer_columns) or any(
        column.personal_data == "contact" for column in contract.columns
    )


@dataclass(frozen=True)
class _Rule:
    """What becomes of a record, by the columns of its contract."""

    contract: Contract
    mapping: Mapping
    said: dict[str, str]
    gone: Gone

    def changes(self, given: dict[str, str]) -> dict[str, str] | None:
        """New values by contract column of a record that names the person; None of another.

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
            return dict.fromkeys(found, "") or None
        changed = {
            column.name: self.gone.references[row[column.name]] if column.key else ERASED
            for column in self.contract.customer_columns
            if row.get(column.name) in self.gone.references
        }
        contacts = [c.name for c in self.contract.columns if c.personal_data == "contact"]
        if changed:
            blank = [
                c.name
                for c in self.contract.columns
                if not c.required and c.personal_data in PERSONAL
            ]
            return changed | dict.fromkeys(blank, "")
        return {n: "" for n in contacts if row.get(n, "").lower() in self.gone.contacts} or None

    def is_about(self, changed: dict[str, str]) -> bool:
        """Whether the record is the person's own, so that nothing but its key is kept."""
        record = self.contract.record_column
        return record is not None and record.name in changed

    def keeps(self, name: str | None) -> bool:
        """Whether a column stays in a record of the person's own."""
        if name is None:
            return False
        column = self.contract.column(name)
        return column.key or column.required

    def _alike(self, name: str, text: str) -> str:
        steps: dict[str, Callable[[str], str]] = {
            "trim": str.strip,
            "invisible": lambda value: value.translate(_INVISIBLE),
            "nfkc": lambda value: unicodedata.normalize("NFKC", value),
            "upper": str.upper,
        }
        for step in self.mapping.normalise.get(name, ()):
            text = steps[step](text)
        return text.strip()


def _rewrite(path: Path, partial: Path, mapping: Mapping, rule: _Rule) -> bool:
    """Write a file anew; returns whether anything differs."""
    with path.open("rb") as raw:
        is_packed = raw.read(2) == GZIP_MAGIC
    with (
        gzip.open(path, "rb") if is_packed else path.open("rb") as source,
        partial.open("wb") as target,
    ):
        # Without a time and a name in it, the same text gives the same bytes.
        packed = gzip.GzipFile("", "wb", fileobj=target, mtime=0) if is_packed else target
        with (
            io.TextIOWrapper(source, encoding=mapping.encoding, newline="") as reader,
            io.TextIOWrapper(packed, encoding=mapping.encoding, newline="") as writer,
        ):
            change = _changed_json if mapping.format == "jsonl" else _changed_csv
            return _copy(reader, writer, change(mapping, rule), rule.gone.texts)


def _copy(
    reader: io.TextIOBase,
    writer: io.TextIOBase,
    change: Callable[[str], str | None],
    texts: frozenset[str],
) -> bool:
    is_changed = False
    for number, record in enumerate(_records(reader)):
        small = record.lower()
        # The first record is a header, which the rule must see.
        if number == 0 or any(text in small for text in texts):
            new = change(record)
            if new is not None:
                is_changed = True
                record = new
        writer.write(record)
    return is_changed


def _records(lines: io.TextIOBase) -> Iterator[str]:
    """Records of a text, each with its line end: a quoted field may hold line ends of its own."""
    parts: list[str] = []
    is_open, length = False, 0
    for line in lines:
        parts.append(line)
        length += len(line)
        is_open ^= line.count('"') % 2 == 1
        # A quote out of place must not swallow the rest of the file.
        if not is_open or length > MAXIMUM_LINE_BYTES:
            yield "".join(parts)
            parts, is_open, length = [], False, 0
    if parts:
        yield "".join(parts)


def _without_words(record: str, texts: frozenset[str]) -> str | None:
    """A record that cannot be parsed: what names the person goes, wherever it stands."""
    words = "|".join(sorted(map(re.escape, texts), key=len, reverse=True))
    shape = rf"(?<![0-9A-Za-z])(?:{words})(?![0-9A-Za-z])"
    new = re.sub(shape, ERASED, record, flags=re.IGNORECASE)
    return None if new == record else new


def _changed_csv(mapping: Mapping, rule: _Rule) -> Callable[[str], str | None]:
    header: list[str] = []

    def change(record: str) -> str | None:
        text = record.rstrip("\r\n")
        end = record[len(text) :]
        try:
            (fields,) = csv.reader([text], delimiter=mapping.delimiter) if text else ([],)
        except (ValueError, csv.Error):
            return _without_words(record, rule.gone.texts)
        if not header:
            header.extend(field.strip().lstrip("\ufeff") for field in fields)
            return None
        if len(fields) != len(header):
            # It was not sound and is in no row: what names the person goes, wherever it stands.
            new = [ERASED if f.strip().lower() in rule.gone.texts else f for f in fields]
        else:
            columns = [mapping.columns.get(own) for own in header]
            given = {c: f for c, f in zip(columns, fields, strict=True) if c is not None}
            changed = rule.changes(given)
            new = fields
            if changed is not None:
                about = rule.is_about(changed)
                new = [
                    changed.get(c or "", "" if about and not rule.keeps(c) else field)
                    for c, field in zip(columns, fields, strict=True)
                ]
            # A column that the mapping leaves out may hold the address too.
            new = ["" if f.strip().lower() in rule.gone.contacts else f for f in new]
        if new == fields:
            return None
        written = io.StringIO()
        csv.writer(written, delimiter=mapping.delimiter, lineterminator=end).writerow(new)
        return written.getvalue()

    return change


def _changed_json(mapping: Mapping, rule: _Rule) -> Callable[[str], str | None]:
    def change(record: str) -> str | None:
        try:
            row = json.loads(record)
            texts = {own: str(v) for own, v in row.items() if v is not None}
        except (ValueError, AttributeError):
            return _without_words(record, rule.gone.texts)
        changed = rule.changes({c: texts[own] for own, c in mapping.mapped.items() if own in texts})
        about = changed is not None and rule.is_about(changed)
        new = {}
        for own, value in row.items():
            name = mapping.columns.get(own)
            if changed is not None and name in changed:
                new[own] = changed[name] or None
            elif about and not rule.keeps(name):
                new[own] = None
            else:
                is_contact = str(value).strip().lower() in rule.gone.contacts
                new[own] = None if is_contact else value
        if new == row:
            return None
        end = record[len(record.rstrip("\r\n")) :]
        return json.dumps(new, ensure_ascii=False) + end

    return change
