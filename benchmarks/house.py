"""Runs the house's own command on generated deliveries and measures it."""

import compileall
import shutil
import sys
from datetime import date
from pathlib import Path

from benchmarks.delivery import Delivery
from benchmarks.measure import Cost, measure

HERE = Path(__file__).resolve().parent
TILLHOUSE = Path(sys.executable).with_name("tillhouse")


def set_up(home: Path, delivery: Delivery) -> None:
    """Lay the landing files and mappings of a delivery into a new home."""
    home.mkdir(parents=True)
    for source in (delivery.landing, delivery.mappings):
        shutil.copytree(source, home / source.name)


def run_step(home: Path, delivery: Delivery, night: date | None = None) -> Cost:
    """Measure the build of all that landed, or a night after its day's file has landed."""
    environment = {"TILLHOUSE_FIRST_BUSINESS_DATE": delivery.first_date.isoformat()}
    if night is None:
        return run(home, "--all", log=home / "full.log", environment=environment)
    shutil.copytree(delivery.night(night), home / "landing", dirs_exist_ok=True)
    log = home / f"night_{night}.log"
    return run(home, "--date", night.isoformat(), log=log, environment=environment)


def run(home: Path, *arguments: str, log: Path, environment: dict[str, str] | None = None) -> Cost:
    """Measure `tillhouse run` with these arguments."""
    return measure(
        [TILLHOUSE, "run", *arguments],
        log=log,
        environment={
            "TILLHOUSE_HOME": str(home),
            "TILLHOUSE_SETTLE_SECONDS": "0",
            "TILLHOUSE_PRIVACY_KEY": "a key for people who never lived",
            **(environment or {}),
        },
    )


def compile_bytecode() -> None:
    """Compile all modules: bytecode is part of an installed program, not of its run."""
    libraries = [Path(entry) for entry in sys.path if entry.endswith("site-packages")]
    for directory in (*libraries, HERE.parent / "pipelines", HERE):
        compileall.compile_dir(directory, quiet=2)
