"""What has landed: finds the files that wait to be loaded, oldest business date first."""

import hashlib
import os
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.feeds.ledger import KnownFile
from pipelines.feeds.mapping import Mapping, mapping_for


@dataclass(frozen=True, kw_only=True)
class LandedFile:
    """One file below landing/ that the ledger does not know in this form.

    Attributes:
        name: Path below landing/.
        mapping: None for a file that no mapping claims.
        name_values: What the name says, by contract column; dates as YYYY-MM-DD.
        replaces: The ledger's entry of the same name, when there is one.
    """

    name: str
    path: Path
    size_bytes: int
    modified_ns: int
    mapping: Mapping | None
    name_values: dict[str, str]
    replaces: KnownFile | None

    @property
    def business_date(self) -> date | None:
        """The date in the file's name; None when it names none."""
        if self.mapping is None:
            return None
        text = self.name_values.get(self.mapping.contract().dates[0])
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            return None


def mapping_version(mapping: Mapping) -> str:
    """Fingerprint of a mapping: a changed mapping loads its files again."""
    return hashlib.sha256(mapping.model_dump_json(exclude={"name"}).encode()).hexdigest()[:16]


def find_landed(
    landing: Path, mappings: list[Mapping], known: dict[str, KnownFile], until: date | None
) -> list[LandedFile]:
    """Files that are new, changed, or whose mapping changed, in loading order.

    Args:
        landing: The landing directory; hidden files and `*.partial` are not looked at.
        mappings: The home's mappings.
        known: The ledger's entries by file name.
        until: Files dated later stay where they are.

    Raises:
        MappingError: When two mappings claim one file.
    """
    found = []
    for directory, folders, names in os.walk(landing):
        folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
        for file_name in names:
            if file_name.startswith(".") or file_name.endswith(".partial"):
                continue
            path = Path(directory) / file_name
            landed = _landed_file(path, path.relative_to(landing).as_posix(), mappings, known)
            if landed and not (until and landed.business_date and landed.business_date > until):
                found.append(landed)
    return sorted(found, key=_loading_order)


def _loading_order(file: LandedFile) -> tuple[str, date, str]:
    """Feed by feed, so that files of one shape load together; in a feed the oldest day first."""
    feed = file.mapping.name if file.mapping else ""
    return feed, file.business_date or date.min, file.name


def _landed_file(
    path: Path, name: str, mappings: list[Mapping], known: dict[str, KnownFile]
) -> LandedFile | None:
    status = path.lstat()
    claim = mapping_for(name, mappings)
    mapping, values = claim if claim else (None, {})
    entry = known.get(name)
    is_known = entry is not None and (
        entry.size_bytes == status.st_size
        and entry.modified_ns == status.st_mtime_ns
        and entry.mapping_version == (mapping_version(mapping) if mapping else None)
    )
    if is_known:
        return None
    return LandedFile(
        name=name,
        path=path,
        size_bytes=status.st_size,
        modified_ns=status.st_mtime_ns,
        mapping=mapping,
        name_values={column: _iso(mapping, column, text) for column, text in values.items()},
        replaces=entry,
    )


def _iso(mapping: Mapping | None, column: str, text: str) -> str:
    """Dates in a file name as YYYY-MM-DD, other values as they stand."""
    if mapping and mapping.contract().column(column).type in ("date", "timestamp"):
        digits = text.replace("-", "")
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    return text


def split_settled(
    files: list[LandedFile], settle_seconds: float
) -> tuple[list[LandedFile], list[LandedFile]]:
    """Files that have stood unchanged long enough, and those that may still be written."""
    now = time.time_ns()
    horizon = now - int(settle_seconds * 1e9)
    settled = [file for file in files if file.modified_ns <= horizon]
    return settled, [file for file in files if file.modified_ns > horizon]
