"""What has landed: finds the files that wait to be loaded, oldest business date first."""

import hashlib
import os
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipelines.feeds.ledger import KnownFile
from pipelines.feeds.manifest import DONE_MARK, BrokenManifest, Manifest, Manifests, is_manifest
from pipelines.feeds.mapping import Mapping, claims_on


@dataclass(frozen=True, kw_only=True)
class LandedFile:
    """One file below landing/ that the ledger does not know in this form.

    Attributes:
        name: Path below landing/.
        mapping: None for a file that no mapping claims.
        name_values: What the name says, by contract column; dates as YYYY-MM-DD.
        replaces: The ledger's entries of the same name and feed whose rows give way to this one's.
        manifest: What the sender says of the file, where there is a manifest.
        is_announced: False while the mapping waits for a `.done` mark or a manifest.
    """

    name: str
    path: Path
    size_bytes: int
    modified_ns: int
    mapping: Mapping | None
    name_values: dict[str, str]
    replaces: tuple[int, ...]
    manifest: Manifest | BrokenManifest | None = None
    is_announced: bool = True

    @property
    def version(self) -> str | None:
        """Fingerprint of what is known of the file apart from its bytes; None for a stranger."""
        if self.mapping is None:
            return None
        said = f"-{self.manifest.fingerprint}" if self.manifest else ""
        return mapping_version(self.mapping) + said

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
    # Without defaults: a key that a later release knows must not load every file again.
    return hashlib.sha256(
        mapping.model_dump_json(exclude={"name"}, exclude_defaults=True).encode()
    ).hexdigest()[:16]


def find_landed(
    landing: Path,
    mappings: list[Mapping],
    known: dict[tuple[str, str | None], KnownFile],
    until: date | None,
) -> list[LandedFile]:
    """Files that are new, changed, or whose mapping changed, in loading order.

    Args:
        landing: The landing directory; hidden files and `*.partial` are not looked at.
        mappings: The home's mappings.
        known: The ledger's entries by file name and feed.
        until: Files dated later stay where they are.

    Raises:
        MappingError: When two mappings claim one file.
    """
    found = []
    for directory, folders, names in os.walk(landing):
        folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
        manifests = Manifests(Path(directory), names)
        marks = {name for name in names if name.endswith(DONE_MARK)}
        for file_name in names:
            if file_name.startswith(".") or file_name.endswith(".partial"):
                continue
            if is_manifest(file_name):
                continue
            path = Path(directory) / file_name
            for landed in _landed_files(path, landing, mappings, manifests, marks):
                entry = known.get((landed.name, landed.mapping.feed if landed.mapping else None))
                if _is_known(landed, entry):
                    continue
                if not (until and landed.business_date and landed.business_date > until):
                    found.append(replace(landed, replaces=entry.loaded_ids if entry else ()))
    return sorted(found, key=_loading_order)


def _loading_order(file: LandedFile) -> tuple[str, date, str]:
    """Feed by feed, so that files of one shape load together; in a feed the oldest day first."""
    feed = file.mapping.name if file.mapping else ""
    return feed, file.business_date or date.min, file.name


def _landed_files(
    path: Path, landing: Path, mappings: list[Mapping], manifests: Manifests, marks: set[str]
) -> list[LandedFile]:
    """A file as a delivery of each feed that claims it; as a stranger when none does."""
    status = path.lstat()
    name = path.relative_to(landing).as_posix()
    claims: list[tuple[Mapping | None, dict[str, str]]] = [*claims_on(name, mappings)]
    landed = []
    for mapping, values in claims or [(None, {})]:
        manifest = manifests.of(path.name, mapping.feed) if mapping else None
        awaited = mapping.ready_when if mapping else "settled"
        landed.append(
            LandedFile(
                name=name,
                path=path,
                size_bytes=status.st_size,
                modified_ns=status.st_mtime_ns,
                mapping=mapping,
                name_values=iso_values(mapping, values) if mapping else {},
                replaces=(),
                manifest=manifest,
                is_announced=awaited == "settled"
                or (awaited == "done" and path.name + DONE_MARK in marks)
                or (awaited == "manifest" and manifest is not None),
            )
        )
    return landed


def _is_known(landed: LandedFile, entry: KnownFile | None) -> bool:
    return entry is not None and (entry.size_bytes, entry.modified_ns, entry.mapping_version) == (
        landed.size_bytes,
        landed.modified_ns,
        landed.version,
    )


def iso_values(mapping: Mapping, values: dict[str, str]) -> dict[str, str]:
    """What a file name says: dates as YYYY-MM-DD, other values as they stand."""
    return {column: _iso(mapping, column, text) for column, text in values.items()}


def _iso(mapping: Mapping, column: str, text: str) -> str:
    if mapping.contract().column(column).type in ("date", "timestamp"):
        digits = text.replace("-", "")
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    return text


def split_settled(
    files: list[LandedFile], settle_seconds: float
) -> tuple[list[LandedFile], list[LandedFile]]:
    """Files that have stood unchanged long enough, and those that may still be written."""
    horizon = time.time_ns() - int(settle_seconds * 1e9)
    settled = [file for file in files if file.is_announced and file.modified_ns <= horizon]
    waiting = [file for file in files if not file.is_announced or file.modified_ns > horizon]
    return settled, waiting
