"""Measures what history costs a night: `python -m benchmarks.history`.

A retailer of one year and one of five years, both with the same sales a day and the same customers,
are built and then get the same night. A night is to cost what came in, not what came before.
"""

import shutil
from pathlib import Path

import click

from benchmarks.generate import generate
from benchmarks.house import HERE, compile_bytecode, run_step, set_up
from benchmarks.report import told, versions

YEARS = (1, 5)


@click.command()
@click.option("--lines", type=int, default=10_000_000, show_default=True, help="Lines of a year.")
@click.option("--work", type=click.Path(path_type=Path), default=HERE / "work", show_default=True)
@click.option("--keep", is_flag=True, help="Keep the homes.")
def main(lines: int, work: Path, keep: bool) -> None:
    """Measure the full build and a night of one year and of five years."""
    compile_bytecode()
    nights = []
    click.echo(versions())
    for years in YEARS:
        place = work.absolute() / f"history_{years}"
        shutil.rmtree(place, ignore_errors=True)
        try:
            delivery = generate(place / "delivery", lines * years, 365 * years)
            home = place / "house"
            set_up(home, delivery)
            shutil.rmtree(delivery.landing)
            for step in ("full", "night"):
                cost = run_step(home, delivery, step)
                click.echo(f"{lines * years:,} lines in {years} year(s), {step}: {told(cost)}")
            nights.append(cost)
        finally:
            if not keep:
                shutil.rmtree(place, ignore_errors=True)
    ratio = nights[1].cpu_seconds / nights[0].cpu_seconds
    click.echo(f"the night on {YEARS[1]} years costs {ratio:.2f} times the night on {YEARS[0]}")


if __name__ == "__main__":
    main()
