"""Measures a whole simulated retailer: `python -m benchmarks.simulation`.

What it takes to write the files of all feeds, and what the house takes to load, build, check and
publish them. The feeds beside sales, stock above all, are what `python -m benchmarks` leaves out.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.house import HERE, TILLHOUSE, run
from benchmarks.measure import measure
from benchmarks.report import told, versions


def main() -> None:
    """Simulate, run, and print what both took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--work", type=Path, default=HERE / "work")
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
        print(f"simulate: {told(simulated)}")
        if not options.without_run:
            log = Path(directory) / "run.log"
            print(f"run --all: {told(run(home, '--all', log=log))}")


if __name__ == "__main__":
    main()
