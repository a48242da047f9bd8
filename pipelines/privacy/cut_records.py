"""Takes records out of a landed file by their number or by their week; the others stay as they are.

The numbers are those that the loader gave. Where it counted other records than are found here, the
file is left alone.
"""

import io
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import IO

from pipelines.feeds.mapping import Mapping
from pipelines.feeds.refusal import FileRefused
from pipelines.privacy.cut_workbook import keep_workbook_rows
from pipelines.privacy.gone import as_loaded
from pipelines.privacy.landed_packed import rewrite_packed
from pipelines.privacy.landed_parquet import keep_parquet_rows
from pipelines.privacy.landed_text import Rewritten, text_records, write_anew
from pipelines.privacy.xml_edit import Edit, Element, edit_elements, without


@dataclass(frozen=True, kw_only=True)
class KeptRecords:
    """What stays of a file.

    Attributes:
        record_count: Records that the loader counted, the header aside.
        numbers: Numbers of those that stay, as `_line_number` has them.
        closed_weeks: Store and first day of each week of which nothing stays.
    """

    record_count: int
    numbers: frozenset[int]
    closed_weeks: frozenset[tuple[str, date]]


def cut_records(name: str, path: Path, mapping: Mapping, kept: KeptRecords) -> Rewritten | None:
    """Write a file anew beside itself, with the records that stay.

    Args:
        name: Path below landing/.
        path: The file.
        mapping: What the retailer says of it.
        kept: What stays.

    Returns:
        The new file; None where it is the old one.

    Raises:
        FileRefused: When it holds other records than were counted, or is a workbook in which
            something that is bound to rows would go on telling of them.
    """
    return write_anew(name, path, partial(_write, path, mapping, kept))


def _write(path: Path, mapping: Mapping, kept: KeptRecords, target: Path) -> bool:
    if mapping.format == "xlsx":
        keep_workbook_rows(path, target, mapping, kept.numbers, kept.record_count)
        return len(kept.numbers) < kept.record_count
    if mapping.format == "parquet":
        keep_parquet_rows(path, target, kept.numbers, kept.record_count)
        return len(kept.numbers) < kept.record_count
    rewrite = _keep_transactions if mapping.format == "poslog" else _keep_texts
    return rewrite_packed(path, target, partial(rewrite, mapping=mapping, kept=kept))


def _keep_texts(
    source: IO[bytes], target: IO[bytes], *, mapping: Mapping, kept: KeptRecords
) -> bool:
    headers = 1 if mapping.format == "csv" else 0
    reader = io.TextIOWrapper(source, encoding=mapping.encoding, newline="")
    writer = io.TextIOWrapper(target, encoding=mapping.encoding, newline="")
    count = 0
    for count, record in enumerate(text_records(reader), start=1):
        if count <= headers or count in kept.numbers:
            writer.write(record)
    writer.flush()
    # Whoever opened them closes them.
    reader.detach()
    writer.detach()
    # Where the loader counted other records, such as none of a blank line, numbers would not do.
    if count != kept.record_count + headers:
        raise FileRefused(
            "record count", f"{kept.record_count} were counted, here are {count - headers}"
        )
    return len(kept.numbers) < kept.record_count


def _keep_transactions(
    source: IO[bytes], target: IO[bytes], *, mapping: Mapping, kept: KeptRecords
) -> bool:
    """Transactions of weeks that are not closed, for all feeds that the document fills."""

    def edits_of(transaction: Element) -> list[Edit]:
        is_kept = _week_of(transaction, mapping) not in kept.closed_weeks
        return [] if is_kept else [without(transaction)]

    return edit_elements(source, target, "Transaction", edits_of)


def _week_of(transaction: Element, mapping: Mapping) -> tuple[str, date] | None:
    """Store and first day of the fiscal week; None of a transaction that is not sound."""
    stores = [
        unit.text for parent in transaction.named("BusinessUnit") for unit in parent.named("UnitID")
    ] + [store.text for store in transaction.named("RetailStoreID")]
    days = [day.text.strip() for day in transaction.named("BusinessDayDate")]
    try:
        day = date.fromisoformat(days[0])
        store = as_loaded(mapping, "store_id", stores[0])
    except (IndexError, ValueError):
        return None
    # A fiscal week begins with a Sunday.
    return store, day - timedelta(days=day.isoweekday() % 7)
