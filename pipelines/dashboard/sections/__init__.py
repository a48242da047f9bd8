"""Sections of the page, in reading order. A new one: a module with `build`, and a line here."""

from collections.abc import Callable, Sequence

from pipelines.dashboard.layout import Section
from pipelines.dashboard.sections import baskets, cohorts, gates, night, rfm, sales, stores
from pipelines.dashboard.sections.context import Context

OVERVIEW: Sequence[Callable[[Context], Section]] = (
    night.build,
    sales.build,
    stores.build,
    rfm.build,
    cohorts.build,
    baskets.build,
    gates.build,
)
"""Sections of the first page."""
