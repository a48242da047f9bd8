"""Takes a person out of landed files: the archive from which a house can be built anew.

What does not name the person keeps its bytes. What is written in a file is what `scrub` writes in
the rows that came from it, so a house that is built anew from the files is the same one.
"""

import zipfile
import zlib
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

import duckdb

from pipelines.feeds.contract import Contract
from pipelines.feeds.landing import iso_values
from pipelines.feeds.manifest import is_manifest
from pipelines.feeds.mapping import Mapping, claims_on
from pipelines.feeds.refusal import FileRefused
from pipelines.privacy.gone import Gone, RecordRule
from pipelines.privacy.landed_packed import rewrite_packed
from pipelines.privacy.landed_parquet import rewrite_parquet
from pipelines.privacy.landed_poslog import rewrite_poslog
from pipelines.privacy.landed_records import rewrite_records
from pipelines.privacy.landed_text import Rewritten, write_anew
from pipelines.privacy.landed_workbook import rewrite_workbook

CANNOT_BE_READ = (
    FileRefused, UnicodeError, EOFError, OSError, zlib.error, zipfile.BadZipFile, duckdb.Error,
    NotImplementedError, RuntimeError,
)  # fmt: skip
"""What readers raise of a file that is damaged, locked with a password, or no such file at all."""


class FilesUnreadable(RuntimeError):
    """Landed files that could not be looked into, by name and with the reason."""

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__("\n".join(f"{name}: {reason}" for name, reason in reasons.items()))
        self.reasons = reasons


def rewritten_files(
    landing: Path, mappings: list[Mapping], gone: Gone, *, names: Collection[str] | None = None
) -> Iterator[Rewritten]:
    """Each landed file that names the person, written anew beside itself.

    Args:
        landing: The landing directory.
        mappings: The home's mappings.
        gone: Whom the files may name.
        names: Paths below landing/ to look into; None for all.

    Raises:
        FilesUnreadable: When all others are through, and there are files that cannot be read.
    """
    unreadable = {}
    for name, path, mapping in _claimed(landing, mappings):
        if (names is not None and name not in names) or not _may_name_people(mapping.contract()):
            continue
        said = mapping.constants | iso_values(mapping, mapping.match(name) or {})
        rule = RecordRule(mapping, said, gone)
        try:
            new = write_anew(name, path, partial(_rewrite, path, rule))
        except CANNOT_BE_READ as error:
            unreadable[name] = str(error).splitlines()[0] if str(error) else type(error).__name__
            continue
        if new:
            yield new
    if unreadable:
        raise FilesUnreadable(unreadable)


def _claimed(landing: Path, mappings: list[Mapping]) -> Iterator[tuple[str, Path, Mapping]]:
    for path in sorted(landing.rglob("*")):
        name = path.relative_to(landing).as_posix()
        if not path.is_file() or path.name.startswith(".") or is_manifest(path.name):
            continue
        for mapping, _ in claims_on(name, mappings):
            yield name, path, mapping


def _may_name_people(contract: Contract) -> bool:
    return bool(contract.customer_columns or contract.card_columns) or any(
        column.personal_data == "contact" for column in contract.columns
    )


def _rewrite(path: Path, rule: RecordRule, target_path: Path) -> bool:
    """Write a file anew; returns whether anything differs."""
    if rule.mapping.format == "parquet":
        return rewrite_parquet(path, target_path, rule)
    if rule.mapping.format == "xlsx":
        return rewrite_workbook(path, target_path, rule)
    rewrite = rewrite_poslog if rule.mapping.format == "poslog" else rewrite_records
    return rewrite_packed(path, target_path, partial(rewrite, rule=rule))
