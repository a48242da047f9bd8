"""Writes text anew that may be packed: by gzip, or in a zip archive."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

from pipelines.feeds.refusal import FileRefused
from pipelines.privacy.landed_text import GZIP_MAGIC, ZIP_MAGIC

Rewrite = Callable[[IO[bytes], IO[bytes]], bool]
"""Copies from the old text to the new one; says whether anything differs."""


def rewrite_packed(path: Path, target_path: Path, rewrite: Rewrite) -> bool:
    """Write a text file anew, packed as it is; returns whether anything differs.

    Raises:
        FileRefused: When an archive holds another one.
    """
    with path.open("rb") as source, target_path.open("wb") as target:
        magic = source.read(len(ZIP_MAGIC))
        source.seek(0)
        if magic == ZIP_MAGIC:
            return _rewrite_zip(source, target, rewrite)
        if magic.startswith(GZIP_MAGIC):
            # Without a time and a name in it, the same text gives the same bytes.
            with (
                gzip.GzipFile("", "rb", fileobj=source) as unpacked,
                gzip.GzipFile("", "wb", fileobj=target, mtime=0) as packed,
            ):
                return rewrite(cast(IO[bytes], unpacked), cast(IO[bytes], packed))
        return rewrite(source, target)


def _rewrite_zip(source: IO[bytes], target: IO[bytes], rewrite: Rewrite) -> bool:
    """Write each file of an archive anew, and put the archive together again."""
    is_changed = False
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.infolist():
            if Path(item.filename).suffix.lower() in (".zip", ".gz", ".7z", ".rar"):
                raise FileRefused("zip", f"the member {item.filename!r} is an archive itself")
            if item.is_dir():
                new.writestr(item, b"")
                continue
            with old.open(item) as unpacked, new.open(_like(item), "w") as packed:
                is_changed |= rewrite(unpacked, packed)
    return is_changed


def _like(item: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """The description of a member, for one in the same place whose bytes may differ."""
    like = zipfile.ZipInfo(item.filename, item.date_time)
    like.compress_type, like.external_attr = item.compress_type, item.external_attr
    # What a member must hold is known, but for a few bytes: the format has two forms by size.
    like.comment, like.file_size = item.comment, item.file_size
    return like
