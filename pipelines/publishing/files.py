"""Durable file operations: what a crash or a power cut must not leave half done."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def fsync_tree(directory: Path) -> None:
    """Flush every file below a directory, and the directories, to the disk."""
    for path in sorted(directory.rglob("*")):
        fsync(path)
    fsync(directory)


def fsync(path: Path) -> None:
    """Flush one file or directory to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def point_symlink(link: Path, target: str) -> None:
    """Let a symlink point to a target in one step: readers see the old or the new, never none.

    Args:
        link: Path of the symlink; it may exist.
        target: Where to, relative to the folder of the link.

    Raises:
        FileExistsError: Something that is not a symlink lies there.
    """
    if link.exists() and not link.is_symlink():
        raise FileExistsError(
            f"{link} is not a symbolic link; move it away, publishing will create the link"
        )
    fresh = link.with_name(f".{link.name}.partial")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target, target_is_directory=True)
    os.replace(fresh, link)  # noqa: PTH105 - the atomic rename is the point
    fsync(link.parent)


def require_free_space(directory: Path, *, needed_bytes: int) -> None:
    """Raise unless a file system can take that many bytes.

    DuckDB's connection is dead after a full disk, so ask before the copy rather than after.

    Raises:
        OSError: There is too little space.
    """
    free_bytes = shutil.disk_usage(directory).free
    if free_bytes < needed_bytes:
        raise OSError(
            f"publishing needs {needed_bytes / 1e6:,.0f} MB in {directory}, but only"
            f" {free_bytes / 1e6:,.0f} MB are free; remove old files or keep fewer builds"
        )
