"""What a sender says of its files: a `manifest.json` in their folder, or `<file>.manifest.json`.

A manifest that cannot be read stops the files that it stands beside: it was meant to say something.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipelines.faults import in_words
from pipelines.feeds.refusal import FileRefused

FOLDER_MANIFEST = "manifest.json"
FILE_MANIFEST = ".manifest.json"
DONE_MARK = ".done"

MAXIMUM_MANIFEST_BYTES = 16 << 20


class Manifest(BaseModel):
    """What is said of one file; what is not said is not held."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feed: str
    file: str | None = Field(default=None, description="Name of the file, in a folder's manifest.")
    schema_version: str | int | None = None
    store_id: str | None = None
    business_date: date | None = None
    row_count: int = Field(ge=0)
    sha256: str | None = Field(default=None, pattern="^[0-9a-fA-F]{64}$")
    sum_amount: Decimal | None = None
    sum_qty: Decimal | None = None
    produced_at: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """Changes when the manifest says anything else."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


class FolderManifest(BaseModel):
    """What is said of the files of one folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: tuple[Manifest, ...]


@dataclass(frozen=True)
class BrokenManifest:
    """A manifest that cannot be read, and why."""

    reason: str

    @property
    def fingerprint(self) -> str:
        """Changes when it is broken in another way, or mended."""
        return hashlib.sha256(self.reason.encode()).hexdigest()[:16]


class Manifests:
    """The manifests of one folder of the landing directory."""

    def __init__(self, directory: Path, names: Iterable[str]) -> None:
        self._said: dict[str, list[Manifest]] = {}
        self._broken: dict[str, BrokenManifest] = {}
        self._broken_folder: BrokenManifest | None = None
        for name in sorted(name for name in names if is_manifest(name)):
            self._read(directory / name)

    def _read(self, path: Path) -> None:
        is_folder = path.name == FOLDER_MANIFEST
        file = path.name.removesuffix(FILE_MANIFEST)
        try:
            if path.is_symlink() or not path.is_file():
                raise ValueError("is no plain file")
            if path.stat().st_size > MAXIMUM_MANIFEST_BYTES:
                raise ValueError(f"is longer than {MAXIMUM_MANIFEST_BYTES} bytes")
            content = path.read_bytes()
            if is_folder:
                for said in FolderManifest.model_validate_json(content).files:
                    if said.file is None or "/" in said.file or "\\" in said.file:
                        raise ValueError("`file` must name a file of the folder")
                    self._said.setdefault(said.file, []).append(said)
            else:
                said = Manifest.model_validate_json(content)
                self._said.setdefault(file, []).append(said)
        except (ValueError, OSError) as error:
            broken = BrokenManifest(f"{path.name}: {in_words(error)}")
            if is_folder:
                self._broken_folder = broken
            else:
                self._broken[file] = broken

    def of(self, file: str, feed: str) -> Manifest | BrokenManifest | None:
        """What is said of a file as a delivery of one feed."""
        if broken := self._broken.get(file, self._broken_folder):
            return broken
        said = self._said.get(file, [])
        for manifest in said:
            if manifest.feed == feed:
                return manifest
        return said[0] if said else None


def is_manifest(name: str) -> bool:
    """Whether a file says something of others, and is no delivery itself."""
    return name == FOLDER_MANIFEST or name.endswith((FILE_MANIFEST, DONE_MARK))


def hold_identity(manifest: Manifest | BrokenManifest, feed: str, sha256: str) -> None:
    """Hold the bytes against the manifest.

    Raises:
        FileRefused: When the manifest cannot be read, is of another feed or of other bytes.
    """
    if isinstance(manifest, BrokenManifest):
        raise FileRefused("manifest", f"the manifest cannot be read: {manifest.reason}")
    if manifest.feed != feed:
        raise FileRefused(
            "manifest", f"the manifest says feed {manifest.feed}, the mapping says {feed}"
        )
    if manifest.sha256 and manifest.sha256.lower() != sha256:
        raise FileRefused(
            "manifest", f"the manifest says sha256 {manifest.sha256}, the file has {sha256}"
        )
