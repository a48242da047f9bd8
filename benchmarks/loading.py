"""What care costs: the file gate and the loader against a bare read_csv into the same typed table.

    python -m benchmarks.loading --lines 1000000 --lines 10000000

Sales only. Then the same lines in one file a day, and in one a day and store: what a file costs.
"""

import json
import resource
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import duckdb

from benchmarks.__main__ import compile_bytecode
from benchmarks.floor import read_feed
from benchmarks.generate import MAPPINGS, STORES, generate
from benchmarks.measure import measure
from benchmarks.report import versions
from pipelines.feeds.loader import load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.feeds.raw_tables import create_tables
from pipelines.settings import Settings

HERE = Path(__file__).resolve().parent
SETTINGS: dict[str, Any] = {"memory_limit": Settings().memory_limit}
"""What the house gives DuckDB."""

SMALL_DAYS = 5
SMALL_LINES = 100_000


@dataclass(frozen=True, kw_only=True)
class Load:
    """One way of loading one delivery: CPU seconds of the load alone, peak of its process."""

    rows: int
    cpu_seconds: float
    peak_bytes: int


@click.group(invoke_without_command=True)
@click.option(
    "--lines", "sizes", type=int, multiple=True, default=[1_000_000, 10_000_000], show_default=True
)
@click.option("--work", type=click.Path(path_type=Path), default=HERE / "work", show_default=True)
@click.pass_context
def main(context: click.Context, sizes: tuple[int, ...], work: Path) -> None:
    """Measure the load against a bare read_csv, and what a small file costs."""
    if context.invoked_subcommand:
        return
    compile_bytecode()
    lines = [versions(), ""]
    for size in sizes:
        place = _delivery(work.absolute() / f"loading_{size}", size, days=365)
        bare, house = _measured("bare", place), _measured("house", place)
        ratio = (house.rows / house.cpu_seconds) / (bare.rows / bare.cpu_seconds)
        lines.append(
            f"{size:,} lines in 365 files: bare {_told(bare)}; house {_told(house)}; "
            f"rows a CPU second {ratio:.2f} of bare"
        )
        shutil.rmtree(place)
    place = _delivery(work.absolute() / "loading_small", SMALL_LINES, days=SMALL_DAYS)
    daily = _measured("house", place)
    files = _split_by_store(place)
    small = _measured("house", place)
    each = (small.cpu_seconds - daily.cpu_seconds) / (files - SMALL_DAYS)
    lines.append(
        f"{SMALL_LINES:,} lines in {files:,} files, {STORES} a day: {_told(small)}; "
        f"in {SMALL_DAYS} files: {_told(daily)}; {1000 * each:.1f} CPU ms a file"
    )
    shutil.rmtree(place)
    click.echo("\n".join(lines))


@main.command(hidden=True)
@click.argument("place", type=click.Path(path_type=Path))
def bare(place: Path) -> None:
    """Read the files into a typed table and do nothing else."""
    _tell(lambda: _read_bare(place))


@main.command(hidden=True)
@click.argument("place", type=click.Path(path_type=Path))
def house(place: Path) -> None:
    """Load the files as a night does."""
    _tell(lambda: _load(place))


def _read_bare(place: Path) -> int:
    (mapping,) = load_mappings(place / "mappings")
    names = {"business_date": "business_date", **mapping.mapped}
    with duckdb.connect(str(place / "bare.duckdb"), config=SETTINGS) as connection:
        create_tables(connection)
        query = read_feed("sales", place / "landing")
        (rows,) = connection.execute(
            f"insert into feeds.pos_line ({', '.join(names.values())}) "
            f"select {', '.join(names)} from ({query})"
        ).fetchone() or (0,)
        connection.execute("checkpoint")
        return int(rows)


def _load(place: Path) -> int:
    for name in ("raw.duckdb", "raw.duckdb.wal"):
        (place / name).unlink(missing_ok=True)
    shutil.rmtree(place / "work", ignore_errors=True)
    (place / "work").mkdir()
    with duckdb.connect(str(place / "raw.duckdb"), config=SETTINGS) as connection:
        summary = load_landed_files(
            connection,
            landing=place / "landing",
            mappings=load_mappings(place / "mappings"),
            work=place / "work",
        )
        connection.execute("checkpoint")
        return summary.loaded_count


def _tell(work: Callable[[], int]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    rows = work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    click.echo(json.dumps({"rows": rows, "cpu_seconds": seconds}))


def _measured(side: str, place: Path) -> Load:
    log = place / f"{side}.log"
    cost = measure([sys.executable, "-m", "benchmarks.loading", side, place], log=log)
    told = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    return Load(peak_bytes=cost.peak_bytes, **told)


def _delivery(place: Path, lines: int, *, days: int) -> Path:
    """A home that holds the files of sales and their mapping alone."""
    shutil.rmtree(place, ignore_errors=True)
    click.echo(f"{lines:,} lines: generating", err=True)
    delivery = generate(place / "delivery", lines, days)
    (place / "landing").mkdir()
    (delivery.landing / "sales").rename(place / "landing" / "sales")
    shutil.rmtree(place / "delivery")
    (place / "mappings").mkdir()
    (place / "mappings" / "sales.yml").write_text(MAPPINGS["sales"], encoding="utf-8")
    return place


def _split_by_store(place: Path) -> int:
    """Put each day's lines into a file a store, and have the mapping find them there."""
    sales = place / "landing" / "sales"
    daily = sorted(sales.glob("*.csv"))
    for path in daily:
        duckdb.execute(
            f"copy (select *, store as shop from read_csv('{path}', all_varchar = true)) "
            f"to '{sales / path.stem}' (format csv, header, partition_by (shop))"
        )
        path.unlink()
    mapping = MAPPINGS["sales"].replace(".csv", "/shop=*/*.csv")
    (place / "mappings" / "sales.yml").write_text(mapping, encoding="utf-8")
    return sum(1 for _ in sales.glob("*/*/*.csv"))


def _told(load: Load) -> str:
    return f"{load.cpu_seconds:.1f} CPU s, peak {load.peak_bytes / 1e6:,.0f} MB"


if __name__ == "__main__":
    main()
