"""One writer at a time, over all processes: nightly job, command line, backfill.

The operating system frees the lock when its holder dies, however it dies.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout


class AlreadyRunning(RuntimeError):
    """Another process writes; the message says which and since when."""


@contextmanager
def writer_lock(path: Path, purpose: str) -> Iterator[None]:
    """Hold the writer's lock; within one process it may be taken again.

    Args:
        path: The lock file. Who holds it stands beside it in `<name>.owner.json`.
        purpose: What the lock is held for, in words, for whoever is turned away.

    Raises:
        AlreadyRunning: When another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=0, is_singleton=True)
    owner = path.with_name(f"{path.name}.owner.json")
    is_outermost = not lock.is_locked
    try:
        lock.acquire()
    except Timeout as error:
        raise AlreadyRunning(f"already running ({_describe(owner)})") from error
    try:
        if is_outermost:
            owner.write_text(
                json.dumps(
                    {
                        "pid": os.getpid(),
                        "since": datetime.now(UTC).isoformat(timespec="seconds"),
                        "purpose": purpose,
                    }
                ),
                encoding="utf-8",
            )
        yield
    finally:
        lock.release()


def _describe(owner: Path) -> str:
    try:
        holder = json.loads(owner.read_text(encoding="utf-8"))
        return f"pid {holder['pid']}, since {holder['since']}, {holder['purpose']}"
    except (OSError, ValueError, KeyError):
        return "by a process that has just begun"
