import sys
from pathlib import Path

import pytest

from benchmarks.measure import CommandFailed, measure

pytestmark = pytest.mark.slow

BUSY = "import time\nwhile time.process_time() < 0.3: pass\n"


def test_cpu_seconds_hold_those_of_descendants(tmp_path: Path) -> None:
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}], check=True)"
    cost = measure([sys.executable, "-c", child], log=tmp_path / "log")
    assert 0.3 <= cost.cpu_seconds < 3


def test_waiting_costs_wall_time_and_no_cpu(tmp_path: Path) -> None:
    cost = measure(
        [sys.executable, "-S", "-c", "import time; time.sleep(0.5)"], log=tmp_path / "log"
    )
    assert cost.wall_seconds >= 0.5
    assert cost.cpu_seconds < cost.wall_seconds


def test_peak_memory_is_of_this_command_alone(tmp_path: Path) -> None:
    hungry = "text = b'x' * 150_000_000"
    measure([sys.executable, "-c", hungry], log=tmp_path / "log")
    cost = measure([sys.executable, "-c", "pass"], log=tmp_path / "log")
    assert cost.peak_bytes < 150_000_000


def test_a_failing_command_names_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such day')"]
    with pytest.raises(CommandFailed, match="log"):
        measure(command, log=tmp_path / "log")
    assert "no such day" in (tmp_path / "log").read_text()
