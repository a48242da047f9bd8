"""Measures a whole simulated retailer: `python -m benchmarks.simulation`.

What it takes to write the files of all feeds, and what the house takes to load, build, check and
publish them. The feeds beside sales, stock above all, are what `python -m benchmarks` leaves out.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Cost, measure
from benchmarks.report import versions

TILLHOUSE = Path(sys.executable).with_name("tillhouse")


def main() -> None:
    """Simulate, run, and print what both took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--work", type=Path, default=Path(__file__).resolve().parent / "work")
    parser.add_argument("--without-run", action="store_true", help="Write the files alone.")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.work) as directory:
        home = Path(directory) / "home"
        simulated = measure(
            [TILLHOUSE, "simulate", "--out", home, "--lines", str(options.lines)],
            log=Path(directory) / "simulate.log",
        )
        size = sum(path.stat().st_size for path in (home / "landing").rglob("*.*"))
        count = sum(1 for _ in (home / "landing").rglob("*.*"))
        print(f"{versions()}; {options.lines:,} lines, {count:,} files, {size / 2**30:.1f} GB")
        print(f"simulate: {_told(simulated)}")
        if not options.without_run:
            print(f"run --all: {_told(_run(home, Path(directory) / 'run.log'))}")


def _run(home: Path, log: Path) -> Cost:
    return measure(
        [TILLHOUSE, "run", "--all"],
        log=log,
        environment={
            "TILLHOUSE_HOME": str(home),
            "TILLHOUSE_SETTLE_SECONDS": "0",
            "TILLHOUSE_PRIVACY_KEY": "a key for people who never lived",
        },
    )


def _told(cost: Cost) -> str:
    return (
        f"{cost.cpu_seconds:.0f} CPU s, {cost.wall_seconds:.0f} s, "
        f"{cost.peak_bytes / 2**20:,.0f} MB at its peak"
    )


if __name__ == "__main__":
    main()
