import pytest

from benchmarks.measure import Cost
from benchmarks.report import Comparison, table

pytestmark = pytest.mark.slow


def _cost(cpu_seconds: float) -> Cost:
    return Cost(cpu_seconds=cpu_seconds, wall_seconds=cpu_seconds, peak_bytes=1_000_000_000)


def test_the_ratio_beyond_fixed_seconds_leaves_twelve_out() -> None:
    comparison = Comparison(lines=10, step="full", floor=_cost(20), house=_cost(38))
    assert comparison.ratio == 1.9
    assert comparison.ratio_beyond_fixed == 1.3


def test_a_night_is_not_held_against_the_fixed_seconds() -> None:
    text = table([Comparison(lines=1_000_000, step="night", floor=_cost(1), house=_cost(14))])
    assert text.splitlines()[-1].startswith("| 1,000,000 | night | 1.0 | 14.0 | 14.00 | - |")
