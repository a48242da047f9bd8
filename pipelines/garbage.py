"""How often Python looks for objects that refer to each other and to which nothing else refers."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (50_000, 20, 100)
"""Thresholds of the three generations; Python's own are 700, 10 and 10.

dbt's manifest, Dagster's definitions and Great Expectations are some million objects that live as
long as a night and are looked through in vain, which is a tenth of its time. These thresholds cost
no memory that can be measured; without any collection a night takes a fifth more of it.
"""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look seldom for the while, then as often as before."""
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
