"""What the gate need not ask again: rows that stood in the build before, which passed it.

A night replaces some dates of facts of years. A row of any other date is the one that passed the
same rules last night, and still points at members that exist, unless the rules or the members are
others. So a fact may be asked for its replaced dates alone where neither is so.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.digest import version_of
from pipelines.quality.suites import Suite
from pipelines.sql import literal


def rules_version(expectations: Path) -> str:
    """Fingerprint of the suites and of the code that asks them."""
    return version_of([*expectations.rglob("*.yml"), *Path(__file__).parent.glob("*.py")])


def suites_to_ask(
    suites: Sequence[Suite], *, warehouse: Path, previous: Path | None
) -> tuple[list[Suite], str]:
    """Narrow suites to the rows that the build replaced, where all others still stand.

    Args:
        suites: All suites of the warehouse.
        warehouse: The closed warehouse file.
        previous: The published file that the build went on from, if today's rules passed it.

    Returns:
        The suites, and why all rows are asked or not, in words.
    """
    if previous is None:
        return list(suites), "all rows are asked: no build before passed these rules"
    try:
        lost = _lost_members(suites, warehouse, previous)
    except duckdb.Error as error:
        return list(suites), f"all rows are asked: the build before cannot be read ({error})"
    if lost:
        return list(suites), f"all rows are asked: members are gone from {', '.join(lost)}"
    return [suite.narrowed() for suite in suites], "of facts just the replaced dates are asked"


def _lost_members(suites: Sequence[Suite], warehouse: Path, previous: Path) -> list[str]:
    """Tables that lost a key at which rows may point that nobody is going to ask."""
    targets = {
        target
        for suite in suites
        if suite.replaced_by
        for expectation in suite.expectations
        for target in expectation.targets
    }
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute(f"attach {literal(str(previous))} as previous (read_only)")
        lost = {
            table
            for table, key in targets
            if connection.execute(
                f"select 1 from previous.{table} as before"
                f" anti join {table} as now using ({key}) limit 1"
            ).fetchall()
        }
    return sorted(lost)
