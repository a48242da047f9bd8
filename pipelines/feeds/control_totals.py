"""What all rows of one file come to, before they are loaded: held against its manifest.

Rows that will go to quarantine count too, so that a total says whether the file is the one that was
sent; a total is missing only where an amount cannot be read at all.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from pipelines.feeds.contract import Contract
from pipelines.feeds.file_gate import SoundFile
from pipelines.feeds.manifest import Manifest
from pipelines.feeds.mapping import Mapping
from pipelines.feeds.parsed import text_of, value_of
from pipelines.feeds.parsing import parse_columns
from pipelines.feeds.reader import relation_of
from pipelines.feeds.refusal import FileRefused
from pipelines.sql import fetch_one, quote

AMOUNTS = ("extended_amount", "total_gross", "amount", "z_total_net", "cost")
QUANTITIES = ("qty", "on_hand", "points")
"""The column that `sum_amount` and `sum_qty` add up: the first of these that a contract has."""


@dataclass(frozen=True, kw_only=True)
class ControlTotals:
    """What a file's rows say together; None for what was not asked or is not in the rows."""

    amount: Decimal | None
    quantity: Decimal | None
    other_date: date | None
    other_store: str | None
    normalised: dict[str, int]


_NOTHING_ASKED = ControlTotals(
    amount=None, quantity=None, other_date=None, other_store=None, normalised={}
)


def read_control_totals(
    connection: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    sound: SoundFile,
    manifest: Manifest | None,
) -> ControlTotals:
    """Add up one file, in one pass; `other_*` is a value that the manifest does not name.

    Raises:
        FileRefused: When the manifest sums what the feed has not.
        duckdb.Error: When the file cannot be read.
    """
    if not manifest and not mapping.normalise:
        return _NOTHING_ASKED
    contract = mapping.contract()
    relation = relation_of(connection, mapping, [sound.path], sound.header)
    parsed = {column.name: column for column in parse_columns(contract, mapping, relation.columns)}
    own_of = {name: own for own, name in mapping.mapped.items() if own in relation.columns}
    needed = set(mapping.normalise) & set(own_of)
    asked = {"amount": "null", "quantity": "null", "other_date": "null", "other_store": "null"}
    if manifest and manifest.sum_amount is not None:
        asked["amount"] = _sum(contract, AMOUNTS, "sum_amount", needed)
    if manifest and manifest.sum_qty is not None:
        asked["quantity"] = _sum(contract, QUANTITIES, "sum_qty", needed)
    first = contract.dates[0]
    if manifest and manifest.business_date and first not in mapping.placeholders:
        needed.add(first)
        if mapping.business_day:
            needed.add(mapping.business_day.column)
        asked["other_date"] = _other(first, f"date '{manifest.business_date}'")
    if manifest and manifest.store_id and "store_id" in own_of:
        needed.add("store_id")
        asked["other_store"] = _other("store_id", "$store_id")
    columns = [column for name, column in parsed.items() if name in needed]
    if not columns:
        return _NOTHING_ASKED
    changed = [
        f"count(*) filter ({text_of(name)} is distinct from "
        f"nullif(trim(cast({quote(own_of[name])} as varchar)), ''))"
        for name in mapping.normalise
        if name in own_of
    ]
    texts = "".join(f", {c.text} as {text_of(c.name)}" for c in columns)
    values = "".join(f", {c.value} as {value_of(c.name)}" for c in columns if c.value)
    derived = "".join(f", {c.derived} as {value_of(c.name)}" for c in columns if c.derived)
    rows = f"select *{values} from (select *{texts} from ({relation.sql}))"
    query = f"""
        select {", ".join([*asked.values(), *changed])}
        from (select *{derived} from ({rows}))
        """
    bound = {"store_id": manifest.store_id} if manifest and "$store_id" in query else {}
    found = fetch_one(connection, query, bound)
    names = [name for name in mapping.normalise if name in own_of]
    return ControlTotals(
        amount=found[0],
        quantity=found[1],
        other_date=found[2],
        other_store=found[3],
        normalised={name: n for name, n in zip(names, found[4:], strict=True) if n},
    )


def _sum(contract: Contract, candidates: tuple[str, ...], said: str, needed: set[str]) -> str:
    known = {column.name for column in contract.columns}
    name = next((name for name in candidates if name in known), None)
    if name is None:
        raise FileRefused("manifest", f"the manifest says {said}, but {contract.feed} has no such")
    needed.add(name)
    return f"coalesce(sum({value_of(name)}), 0)"


def _other(name: str, expected: str) -> str:
    value = f"cast({value_of(name)} as varchar)" if name == "store_id" else value_of(name)
    return f"min({value}) filter ({value} <> {expected})"


def hold_manifest(
    manifest: Manifest, totals: ControlTotals, record_count: int, name_values: dict[str, str]
) -> None:
    """Hold counts, sums, store and date against the manifest.

    Raises:
        FileRefused: Naming what the manifest says and what the file holds.
    """
    pairs: list[tuple[str, object, object]] = [("row_count", manifest.row_count, record_count)]
    if manifest.sum_amount is not None:
        pairs.append(("sum_amount", manifest.sum_amount, totals.amount))
    if manifest.sum_qty is not None:
        pairs.append(("sum_qty", manifest.sum_qty, totals.quantity))
    if manifest.store_id is not None:
        found = totals.other_store or name_values.get("store_id", manifest.store_id)
        pairs.append(("store_id", manifest.store_id, found))
    if manifest.business_date is not None:
        named = name_values.get("business_date", manifest.business_date.isoformat())
        pairs.append(
            ("business_date", manifest.business_date.isoformat(), str(totals.other_date or named))
        )
    for what, said, held in pairs:
        if said != held:
            raise FileRefused("manifest", f"the manifest says {what} {said}, the file holds {held}")
