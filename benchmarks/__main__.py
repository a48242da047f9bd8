"""The benchmark: `make bench`, or `python -m benchmarks --lines 1000000`.

For each size it generates a year of deliveries, builds the floor and the house from it in processes
of their own, adds one night to both, checks that both hold the same rows, and prints a table.
"""

import shutil
import sys
from pathlib import Path

import click

from benchmarks.compare import differences
from benchmarks.generate import generate
from benchmarks.house import HERE, compile_bytecode, run_step, set_up
from benchmarks.measure import Cost, measure
from benchmarks.models import compile_models, save
from benchmarks.report import Comparison, table, versions


@click.command()
@click.option(
    "--lines", "sizes", type=int, multiple=True, default=[1_000_000, 10_000_000], show_default=True
)
@click.option("--work", type=click.Path(path_type=Path), default=HERE / "work", show_default=True)
@click.option("--keep", is_flag=True, help="Keep generated files, floor and house.")
@click.option("--days", default=365, show_default=True, help="Days before the night.")
def main(sizes: tuple[int, ...], work: Path, keep: bool, days: int) -> None:
    """Measure the whole job and a night against plain DuckDB SQL on the same files."""
    compile_bytecode()
    comparisons = []
    for lines in sizes:
        place = work.absolute() / str(lines)
        shutil.rmtree(place, ignore_errors=True)
        try:
            comparisons.extend(compare(lines, place, days))
        finally:
            if not keep:
                shutil.rmtree(place, ignore_errors=True)
    click.echo(f"\n{versions()}\n\n{table(comparisons)}")


def compare(lines: int, place: Path, days: int) -> list[Comparison]:
    """Measure a full build and a night of one size.

    Raises:
        click.ClickException: When floor and house do not hold the same rows.
    """
    click.echo(f"{lines:,} lines: generating", err=True)
    delivery = generate(place / "delivery", lines, days)
    floor, house = place / "floor", place / "house"
    floor.mkdir(parents=True)
    set_up(house, delivery)
    comparisons = []
    for step in ("full", "night"):
        click.echo(f"{lines:,} lines: {step}, floor", err=True)
        floor_cost = run_floor(floor, place / "delivery", step, days)
        click.echo(f"{lines:,} lines: {step}, house", err=True)
        night = delivery.night_date if step == "night" else None
        house_cost = run_step(house, delivery, night)
        unequal = differences(floor / "warehouse.duckdb", house / "warehouse.duckdb")
        if unequal:
            raise click.ClickException(f"floor and house differ in {', '.join(unequal)}")
        comparisons.append(Comparison(lines=lines, step=step, floor=floor_cost, house=house_cost))
    return comparisons


def run_floor(home: Path, delivery: Path, step: str, days: int) -> Cost:
    """Compile the models of the marts, unmeasured, and measure the floor."""
    models = home / f"{step}.json"
    save(compile_models(home), models)
    if step == "full":
        for name in ("raw.duckdb", "warehouse.duckdb"):
            (home / name).unlink(missing_ok=True)
    return measure(
        [
            *(sys.executable, "-m", "benchmarks.floor", step),
            *("--delivery", delivery, "--home", home, "--models", models, "--days", str(days)),
        ],
        log=home / f"{step}.log",
    )


if __name__ == "__main__":
    main()
