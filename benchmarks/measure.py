"""What a command costs: CPU seconds of its whole process tree, wall time and peak memory.

Each command runs in a process of its own: what one run leaves in memory must not help the next.
Between this process and the command stands a small one, this file as a script: Linux counts the
memory of a process that starts another as the other's, from before it became the other.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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
    with tempfile.TemporaryDirectory() as directory, log.open("wb") as output:
        answer = Path(directory) / "cost.json"
        subprocess.run(
            [sys.executable, "-I", "-S", __file__, answer, *command],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=variables,
            check=True,
        )
        found = json.loads(answer.read_text(encoding="utf-8"))
    exit_code = found.pop("exit_code")
    if exit_code != 0:
        raise CommandFailed(f"{command[0]} ended with {exit_code}; it says why in {log}")
    return Cost(**found)


def _run(answer: Path, command: Sequence[str]) -> None:
    """Run a command as the only child of this process and write down what it cost."""
    begun = time.monotonic()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    wall_seconds = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    cost = Cost(
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=wall_seconds,
        peak_bytes=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    )
    answer.write_text(json.dumps({**asdict(cost), "exit_code": process.returncode}), "utf-8")


if __name__ == "__main__":
    _run(Path(sys.argv[1]), sys.argv[2:])
