"""Writes a home: landing files of every feed, mappings, and the answer key beside them."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

from pipelines.simulation import answer_key, dirt
from pipelines.simulation.scale import Scale
from pipelines.simulation.world import connect, draw_world, set_variables
from pipelines.simulation.writer import (
    MAPPINGS,
    Job,
    jobs_of,
    set_arrival_times,
    simulated_mappings,
    write_feed,
)

WRITERS = 2
"""Processes that write a heavy retailer; each has one thread, so that bytes do not vary."""


class HomeNotEmpty(RuntimeError):
    """The home holds landing files already; a simulation never mixes with other deliveries."""


def simulate(
    home: Path, *, scale: Scale, seed: int, on_progress: Callable[[str], None]
) -> dict[str, int]:
    """Write the simulated retailer's home; the same seed and scale write the same bytes.

    Args:
        home: Where to; `landing/`, `mappings/` and `answer_key/` are made below it.
        scale: How large the retailer is.
        seed: Seeds every draw.
        on_progress: Told a sentence for each step.

    Returns:
        Files and receipt lines written, as `files` and `lines`.

    Raises:
        HomeNotEmpty: When `landing/` holds something already.
    """
    landing, mappings, key = home / "landing", home / "mappings", home / "answer_key"
    if landing.is_dir() and any(landing.iterdir()):
        raise HomeNotEmpty(f"{landing} holds files already; name an empty directory")
    for directory in (landing, mappings, key):
        directory.mkdir(parents=True, exist_ok=True)
    for path in sorted(MAPPINGS.glob("*.yml")):
        copyfile(path, mappings / path.name)
    scratch = key / "world.duckdb"
    scratch.unlink(missing_ok=True)
    try:
        on_progress("drawing customers, receipts, tills and stock")
        with connect(scratch, read_only=False, threads=2) as connection:
            set_variables(connection, scale, seed)
            draw_world(connection)
        on_progress("writing the landing files")
        count = _write_all(scratch, landing, scale, seed)
        set_arrival_times(landing)
        with connect(scratch, read_only=True, threads=1) as connection:
            set_variables(connection, scale, seed)
            faults = dirt.plant(connection, landing)
            lines = answer_key.write(connection, key, scale=scale, seed=seed, faults=faults)
    finally:
        scratch.unlink(missing_ok=True)
    return {"files": count + dirt.extra_files(faults), "lines": lines}


def _write_all(scratch: Path, landing: Path, scale: Scale, seed: int) -> int:
    jobs = jobs_of(scale)
    if not scale.heavy:
        return _write_jobs(scratch, landing, scale, seed, jobs)
    shares = [(scratch, landing, scale, seed, jobs[place::WRITERS]) for place in range(WRITERS)]
    with multiprocessing.get_context("spawn").Pool(WRITERS) as pool:
        return sum(pool.starmap(_write_jobs, shares))


def _write_jobs(scratch: Path, landing: Path, scale: Scale, seed: int, jobs: list[Job]) -> int:
    mappings = simulated_mappings()
    with connect(scratch, read_only=True, threads=1) as connection:
        set_variables(connection, scale, seed)
        return sum(write_feed(connection, job, mappings[job.name], landing) for job in jobs)
