"""Says anew in a manifest what its file holds, once an erasure or retention wrote the file anew.

A house that is built anew from the landed files holds each of them against its manifest.
"""

import json
from pathlib import Path
from typing import Any

from pipelines.feeds.manifest import FILE_MANIFEST, FOLDER_MANIFEST, BrokenManifest, Manifests


def say_anew(path: Path, *, sha256: str, row_counts: dict[str, int] | None = None) -> None:
    """Put the hash of a file's new bytes into what is said of it.

    Args:
        path: The landed file, which the manifests stand beside.
        sha256: Of its new bytes.
        row_counts: Records that it holds now, by feed, where there are fewer than its sender said.
            The sender's sums were held when the file was loaded, and go.
    """
    for name in _manifests_of(path):
        manifest = path.with_name(name)
        if isinstance(Manifests(path.parent, [name]).of(path.name, ""), BrokenManifest):
            continue
        content = json.loads(manifest.read_bytes())
        is_folder = name == FOLDER_MANIFEST
        new = dict(content)
        if is_folder:
            new["files"] = [
                _said_anew(said, sha256, row_counts) if said.get("file") == path.name else said
                for said in content["files"]
            ]
        else:
            new = _said_anew(content, sha256, row_counts)
        if new != content:
            partial = manifest.with_name(f".{name}.partial")
            partial.write_text(json.dumps(new, ensure_ascii=False) + "\n", encoding="utf-8")
            partial.chmod(manifest.stat().st_mode)
            partial.replace(manifest)


def fingerprint(path: Path, feed: str) -> str | None:
    """What the ledger knows a manifest by; None where nothing is said of the file."""
    said = Manifests(path.parent, _manifests_of(path)).of(path.name, feed)
    return said.fingerprint if said else None


def _manifests_of(path: Path) -> list[str]:
    names = (path.name + FILE_MANIFEST, FOLDER_MANIFEST)
    return [name for name in names if path.with_name(name).exists()]


def _said_anew(
    said: dict[str, Any], sha256: str, row_counts: dict[str, int] | None
) -> dict[str, Any]:
    new = said | ({"sha256": sha256} if said.get("sha256") else {})
    if row_counts and said["feed"] in row_counts:
        new["row_count"] = row_counts[said["feed"]]
        for name in ("sum_amount", "sum_qty"):
            new.pop(name, None)
    return new
