"""What a command costs: CPU seconds of its whole process tree, wall time and peak memory.

Each command runs in a process of its own: what one run leaves in memory must not help the next.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class CommandFailed(RuntimeError):
    """The measured command did not end well; the message names its log."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one command used.

    Attributes:
        cpu_seconds: User and system time of the process and of all its descendants that were waited
            for; a process that was left behind is not in it.
        wall_seconds: From start to end; depends on what else the machine does.
        peak_bytes: Largest resident memory of any one process of the tree.
    """

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int


def measure(
    command: Sequence[str | Path], *, log: Path, environment: Mapping[str, str] | None = None
) -> Cost:
    """Run a command and measure it.

    Args:
        command: The program and its arguments.
        log: File that takes all that the command says.
        environment: Variables beside those of this process.

    Raises:
        CommandFailed: When the exit code is not 0.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    variables = {**os.environ, **(environment or {})}
    # Bytecode is part of an installed program; without it each run would compile its imports anew.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    with log.open("wb") as output:
        begun = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command], stdout=output, stderr=subprocess.STDOUT, env=variables
        )
        # wait4 tells of this one child and its descendants; getrusage would add up all children.
        _, status, usage = os.wait4(process.pid, 0)
        wall_seconds = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise CommandFailed(f"{command[0]} ended with {process.returncode}; it says why in {log}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=wall_seconds,
        peak_bytes=usage.ru_maxrss * unit,
    )
