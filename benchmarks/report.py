"""The benchmark's figures as a Markdown table."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version

from benchmarks.measure import Cost

FIXED_SECONDS = 12.0
"""CPU seconds that the house may take whatever the size: imports, dbt's parse, gate, page."""

PACKAGES = ("tillhouse", "duckdb", "dbt-core", "dbt-duckdb", "dagster", "great-expectations")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Floor and house over one step of one size."""

    lines: int
    step: str
    floor: Cost
    house: Cost

    @property
    def ratio(self) -> float:
        """How many times the floor's CPU seconds the house takes."""
        return self.house.cpu_seconds / self.floor.cpu_seconds

    @property
    def ratio_beyond_fixed(self) -> float:
        """The same without the fixed seconds; the aim for a full build is 1.3."""
        return (self.house.cpu_seconds - FIXED_SECONDS) / self.floor.cpu_seconds


def told(cost: Cost) -> str:
    """One cost in words."""
    return (
        f"{cost.cpu_seconds:.1f} CPU s, {cost.wall_seconds:.1f} s, "
        f"{cost.peak_bytes / 1e6:,.0f} MB at its peak"
    )


def versions() -> str:
    """Versions and machine in one sentence."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Python {platform.python_version()}, {packages}; {os.cpu_count()} cores, "
        f"{platform.system()} {platform.machine()}"
    )


def table(comparisons: Iterable[Comparison]) -> str:
    """A Markdown table, one row a comparison; times in seconds, memory in MB."""
    head = (
        "Lines",
        "Step",
        "Floor CPU s",
        "House CPU s",
        "Ratio",
        f"(House - {FIXED_SECONDS:g}) / floor",
        "Floor wall s",
        "House wall s",
        "Floor peak MB",
        "House peak MB",
    )
    rows = [head, ("---:", "---", *["---:"] * (len(head) - 2))]
    rows.extend(_row(comparison) for comparison in comparisons)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(comparison: Comparison) -> tuple[str, ...]:
    floor, house = comparison.floor, comparison.house
    is_full = comparison.step == "full"
    return (
        f"{comparison.lines:,}",
        comparison.step,
        f"{floor.cpu_seconds:.1f}",
        f"{house.cpu_seconds:.1f}",
        f"{comparison.ratio:.2f}",
        f"{comparison.ratio_beyond_fixed:.2f}" if is_full else "-",
        f"{floor.wall_seconds:.1f}",
        f"{house.wall_seconds:.1f}",
        f"{floor.peak_bytes / 1e6:,.0f}",
        f"{house.peak_bytes / 1e6:,.0f}",
    )
