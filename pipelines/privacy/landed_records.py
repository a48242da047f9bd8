"""Takes a person out of the records of landed text: CSV and JSON lines.

Records that do not name the person keep their bytes. The others are parsed one by one, since no SQL
writes a file back as its sender wrote it.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import IO, Any

from pipelines.feeds.erased import ERASED
from pipelines.privacy.gone import RecordRule
from pipelines.privacy.landed_text import text_records
from pipelines.privacy.whole_words import whole_words


def rewrite_records(source: IO[bytes], target: IO[bytes], rule: RecordRule) -> bool:
    """Write text anew; returns whether anything differs.

    Raises:
        UnicodeDecodeError: When it is not in the encoding that the mapping names.
    """
    encoding = rule.mapping.encoding
    change = _changed_json(rule) if rule.mapping.format == "jsonl" else _changed_csv(rule)
    reader = io.TextIOWrapper(source, encoding=encoding, newline="")
    writer = io.TextIOWrapper(target, encoding=encoding, newline="")
    is_changed = False
    for number, record in enumerate(text_records(reader)):
        # The first record is a header, which the change must see.
        new = change(record) if number == 0 or rule.may_name(record) else None
        is_changed |= new is not None
        writer.write(record if new is None else new)
    writer.flush()
    # Whoever opened them closes them.
    reader.detach()
    writer.detach()
    return is_changed


def _without_words(record: str, texts: frozenset[str]) -> str | None:
    """A record that cannot be parsed: what names the person goes, wherever it stands."""
    new = re.sub(whole_words(texts).pattern, ERASED, record, flags=re.IGNORECASE)
    return None if new == record else new


def _changed_csv(rule: RecordRule) -> Callable[[str], str | None]:
    header: list[str] = []
    delimiter = rule.mapping.delimiter

    def change(record: str) -> str | None:
        text = record.rstrip("\r\n")
        end = record[len(text) :]
        try:
            (fields,) = csv.reader([text], delimiter=delimiter) if text else ([],)
        except (ValueError, csv.Error):
            return _without_words(record, rule.gone.texts)
        if not header:
            header.extend(field.strip().lstrip("\ufeff") for field in fields)
            return None
        if len(fields) == len(header):
            new = rule.new_texts(header, fields)
        else:
            # It was not sound and is in no row: what names the person goes, wherever it stands.
            new = [ERASED if f.strip().lower() in rule.gone.texts else f for f in fields]
        if new == fields:
            return None
        written = io.StringIO()
        csv.writer(written, delimiter=delimiter, lineterminator=end).writerow(new)
        return written.getvalue()

    return change


def _changed_json(rule: RecordRule) -> Callable[[str], str | None]:
    def change(record: str) -> str | None:
        try:
            row = json.loads(record)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            return _without_words(record, rule.gone.texts)
        places = list(_leaves(row))
        # A mapping names a nested field by its path.
        names = ["/".join(map(str, path)) for _, path in places]
        old = ["" if (v := holder[path[-1]]) is None else str(v) for holder, path in places]
        new = rule.new_texts(names, old)
        if new == old:
            return None
        for (holder, path), before, after in zip(places, old, new, strict=True):
            if after != before:
                holder[path[-1]] = after or None
        end = record[len(record.rstrip("\r\n")) :]
        return json.dumps(row, ensure_ascii=False) + end

    return change


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """What holds each plain value of nested JSON, and the path to the value."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, dict | list):
            yield from _leaves(inner, (*path, key))
        else:
            yield value, (*path, key)
