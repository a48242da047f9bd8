"""Texts that stand for a person: planted in every feed, and looked for everywhere."""

from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

import duckdb

from pipelines.feeds.contract import Column, Contract
from pipelines.sql import quote

from .conftest import FIRST_DAY, Retailer

CANARIES = (
    "canary.9c1e@canary.example.org",
    "+999 555 918273",
    "Canaryson9c1e",
    "Canarystreet 9c1e",
    "tok_canary_9c1e",
)
"""A mail address, a phone number, a name, a street and a token."""

MAIL, PHONE, NAME, STREET, TOKEN = CANARIES

TEXT_OF_CLASS = {"name": NAME, "contact": MAIL, "address": STREET}


def a_sound_value(column: Column) -> str:
    """What the column takes; where it names or reaches a person, a canary."""
    if column.personal_data in TEXT_OF_CLASS:
        return PHONE if column.name == "phone" else TEXT_OF_CLASS[column.personal_data]
    if column.allowed:
        return column.allowed[0]
    day = FIRST_DAY.isoformat()
    return {"text": "P1", "date": day, "timestamp": f"{day}T10:00:00Z"}.get(column.type, "1")


def plant(retailer: Retailer, contract: Contract) -> None:
    """Deliver a row of nothing but canaries, and a sound one where a feed names people."""
    names = [column.name for column in contract.columns]
    mapping = f"feed: {contract.feed}\nfiles: canary/{contract.feed}.csv\ncolumns:\n"
    mapping += "".join(f"  {name}: {name}\n" for name in names)
    if contract.conversion:
        mapping += "reporting_currency: EUR\n"
    (retailer.settings.mappings / f"canary_{contract.feed}.yml").write_text(mapping, "utf-8")
    rows = [tuple(names), tuple(islice(cycle(CANARIES), len(names)))]
    if contract.names_people:
        rows.append(tuple(a_sound_value(column) for column in contract.columns))
    retailer.write(f"canary/{contract.feed}.csv", rows)


def heard(text: str) -> list[str]:
    """The canaries in a text."""
    return [canary for canary in CANARIES if canary in text]


def leaks(retailer: Retailer, canaries: Sequence[str]) -> list[str]:
    """Files that hold a canary, but for the places where they may stand.

    Every file of the home is searched byte by byte and, as a database compresses texts, table by
    table.
    """
    home = retailer.settings.home
    files = sorted(
        path
        for path in home.rglob("*")
        if path.is_file()
        and not path.is_relative_to(retailer.settings.landing)
        and path not in (retailer.settings.raw_database, home / "answer_key" / "canaries.json")
    )
    assert retailer.settings.warehouse_database in files
    return [
        f"{path.relative_to(home)}: {canary}"
        for path in files
        for canary in sorted(_in_bytes(path, canaries) | _in_tables(path, canaries))
    ]


def _in_bytes(path: Path, canaries: Sequence[str]) -> set[str]:
    """The canaries in a file, as they are written."""
    content = path.read_bytes()
    return {canary for canary in canaries if canary.encode() in content}


def _in_tables(path: Path, canaries: Sequence[str]) -> set[str]:
    """The canaries in the tables of a DuckDB file; none in other files."""
    if path.suffix != ".duckdb":
        return set()
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where not internal"
        ).fetchall()
        return {
            canary
            for schema, table in tables
            for canary in canaries
            if connection.execute(
                f"select 1 from {quote(schema)}.{quote(table)} as t "
                "where contains(cast(t as varchar), ?) limit 1",
                [canary],
            ).fetchall()
        }
