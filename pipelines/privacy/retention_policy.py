"""For how many weeks single rows are kept: the seed `retention`, by entity and country."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.feeds.contract import load_contracts

POLICY = Path("seeds") / "retention.csv"
"""Where the rules stand, below the dbt project."""

SALES = "sales"
"""The entity whose rows become weekly sums; rows of the others are deleted."""

EVERY_OTHER = "*"

MINIMUM_SALES_WEEKS = 54
"""The scores of customers look back a year, which touches so many fiscal weeks."""

_COLUMNS = ["entity", "country", "detail_weeks", "legal_basis"]


class PolicyError(ValueError):
    """A rule that cannot be followed; the message names file, line and column."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How long single rows of an entity are kept in a country.

    Attributes:
        entity: What expires together, as contracts name it in `retention`.
        country: ISO 3166 code, or * for every other one.
        detail_weeks: Whole fiscal weeks; None for ever.
        legal_basis: Why, in words.
    """

    entity: str
    country: str
    detail_weeks: int | None
    legal_basis: str


def read_policy(path: Path) -> list[Rule]:
    """The rules of a house.

    Raises:
        PolicyError: When a rule cannot be followed.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != _COLUMNS:
            raise PolicyError(f"{path.name}, line 1: the columns are {', '.join(_COLUMNS)}")
        rules = list(_rules(reader, path.name))
    seen = set()
    for place, rule in enumerate(rules, start=2):
        if (rule.entity, rule.country) in seen:
            raise PolicyError(
                f"{path.name}, line {place}: {rule.entity} in {rule.country} stands there twice"
            )
        seen.add((rule.entity, rule.country))
    return rules


def _rules(rows: Iterable[dict[str, str]], name: str) -> Iterator[Rule]:
    entities = {c.retention for c in load_contracts().values() if c.retention}
    for place, row in enumerate(rows, start=2):
        where = f"{name}, line {place}"
        if None in row or None in row.values():
            raise PolicyError(f"{where}: has not {len(_COLUMNS)} fields")
        if row["entity"] not in entities:
            raise PolicyError(
                f"{where}: entity: {row['entity']!r} is none of {', '.join(sorted(entities))}"
            )
        country = row["country"].upper()
        if country != EVERY_OTHER and not (len(country) == 2 and country.isalpha()):
            raise PolicyError(f"{where}: country: {row['country']!r} is no ISO 3166 code and no *")
        weeks = row["detail_weeks"].strip()
        minimum = MINIMUM_SALES_WEEKS if row["entity"] == SALES else 1
        if weeks and not (weeks.isdecimal() and int(weeks) >= minimum):
            raise PolicyError(
                f"{where}: detail_weeks: {weeks!r} is no number of weeks from {minimum} on"
            )
        if not row["legal_basis"].strip():
            raise PolicyError(f"{where}: legal_basis: say why")
        yield Rule(
            entity=row["entity"],
            country=country,
            detail_weeks=int(weeks) if weeks else None,
            legal_basis=row["legal_basis"],
        )
