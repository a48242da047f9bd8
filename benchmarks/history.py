"""Measures what history costs a night: `python -m benchmarks.history`.

A retailer of one year and one of five years, both with the same sales a day and the same customers,
are built and then get the same nights, one house after the other. A night is to cost what came in,
not what came before. One night says little on a shared machine, so that all of them are summed.
"""

import shutil
from datetime import timedelta
from pathlib import Path

import click

from benchmarks.delivery import Delivery
from benchmarks.generate import generate
from benchmarks.house import HERE, compile_bytecode, run_step, set_up
from benchmarks.report import told, versions

YEARS = (1, 5)


@click.command()
@click.option("--lines", type=int, default=10_000_000, show_default=True, help="Lines of a year.")
@click.option("--nights", type=click.IntRange(min=1), default=4, show_default=True)
@click.option("--work", type=click.Path(path_type=Path), default=HERE / "work", show_default=True)
@click.option("--keep", is_flag=True, help="Keep the homes.")
def main(lines: int, nights: int, work: Path, keep: bool) -> None:
    """Measure the full build and nights of one year and of five years."""
    compile_bytecode()
    click.echo(versions())
    places = [work.absolute() / f"history_{years}" for years in YEARS]
    try:
        houses = [
            (years, place / "house", _built(place, lines * years, 365 * years, nights))
            for years, place in zip(YEARS, places, strict=True)
        ]
        summed = dict.fromkeys(YEARS, 0.0)
        for number in range(nights):
            # Each house is the first one every other night: who comes first warms the machine.
            for years, home, delivery in houses[:: 1 if number % 2 == 0 else -1]:
                night = delivery.night_date + timedelta(days=number)
                cost = run_step(home, delivery, night)
                click.echo(f"{years} year(s), night of {night}: {told(cost)}")
                summed[years] += cost.cpu_seconds
    finally:
        for place in () if keep else places:
            shutil.rmtree(place, ignore_errors=True)
    few, many = YEARS
    ratio = summed[many] / summed[few]
    click.echo(f"nights on {many} years cost {ratio:.2f} times the nights on {few}")


def _built(place: Path, lines: int, days: int, nights: int) -> Delivery:
    """Generate a delivery and build its house, all of it."""
    shutil.rmtree(place, ignore_errors=True)
    delivery = generate(place / "delivery", lines, days, nights)
    home = place / "house"
    set_up(home, delivery)
    shutil.rmtree(delivery.landing)
    click.echo(f"{lines:,} lines in {days:,} days, built: {told(run_step(home, delivery))}")
    return delivery


if __name__ == "__main__":
    main()
