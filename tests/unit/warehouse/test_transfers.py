"""Suggested transfers break nobody, pay, and bring nearly what a greedy buyer would find."""

import os
import random
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rendered_models import render

SCHEMA = """
attach ':memory:' as warehouse;
attach ':memory:' as raw;
create schema warehouse.core;
create schema raw.seeds;
create schema warehouse.marts;
create table warehouse.core.dim_date as
select date '2026-03-14' as date_day, date '2026-03-08' as fiscal_week_start_date,
    date '2026-03-01' as fiscal_period_start_date;
create table raw.seeds.transfer_parameter (
    target_days bigint, max_days bigint, horizon_days bigint, freight_amount decimal(18, 4),
    handling_amount decimal(18, 4), giver_loss_rate double, pack_quantity decimal(18, 3),
    markdown_rate double
);
create table warehouse.core.fct_inventory_snapshot (
    store_id text, product_id text, fiscal_period_start_date date, to_date date,
    on_hand_quantity decimal(18, 3), in_transit_quantity decimal(18, 3),
    reserved_quantity decimal(18, 3), damaged_quantity decimal(18, 3),
    presentation_minimum_quantity decimal(18, 3), safety_stock_quantity decimal(18, 3),
    unit_cost_amount decimal(18, 4), is_ranged boolean, is_snapshot_missing boolean
);
create table warehouse.marts.store_item_rate (
    store_id text, product_id text, fiscal_week_start_date date, average_daily_units double,
    net_per_unit double, margin_per_unit double
);
"""
TARGET_DAYS, MAX_DAYS, HORIZON_DAYS, HANDLING, LOSS = 14, 42, 28, Decimal("0.1"), Decimal("0.5")


@dataclass(frozen=True)
class Place:
    """An item in a store, in whole units; what it sells is in quarters, which no float rounds."""

    store: str
    item: str
    on_hand: int
    in_transit: int
    reserved: int
    presentation: int
    safety: int
    quarters_a_day: int
    half_margin: int

    @property
    def position(self) -> int:
        return self.on_hand + self.in_transit - self.reserved

    @property
    def daily(self) -> Decimal:
        return Decimal(self.quarters_a_day) / 4

    @property
    def margin(self) -> Decimal:
        return Decimal(self.half_margin) / 2

    @property
    def needed(self) -> Decimal:
        least = self.daily * TARGET_DAYS + self.safety + self.presentation
        return max(Decimal(0), least - self.position) if self.daily else Decimal(0)

    @property
    def spare(self) -> Decimal:
        kept = max(Decimal(self.presentation), self.daily * MAX_DAYS)
        free = min(self.position - kept, Decimal(self.on_hand - self.reserved))
        return max(Decimal(0), free) if not self.needed else Decimal(0)

    @property
    def loss(self) -> Decimal:
        return LOSS * self.margin if self.daily else Decimal(0)


Suggestion = tuple[str, str, str, Decimal, Decimal]


def suggested(places: list[Place], freight: int, pack: int) -> list[Suggestion]:
    """Item, giver, receiver, quantity and benefit by the model."""
    with duckdb.connect() as connection:
        connection.execute(SCHEMA)
        connection.execute(
            "insert into raw.seeds.transfer_parameter values (?, ?, ?, ?, ?, ?, ?, 0.3)",
            [TARGET_DAYS, MAX_DAYS, HORIZON_DAYS, freight, HANDLING, LOSS, pack],
        )
        connection.executemany(
            "insert into warehouse.core.fct_inventory_snapshot values (?, ?, '2026-03-01', "
            "'2026-03-14', ?, ?, ?, 0, ?, ?, 4, true, false)",
            [
                [p.store, p.item, p.on_hand, p.in_transit, p.reserved, p.presentation, p.safety]
                for p in places
            ],
        )
        connection.executemany(
            "insert into warehouse.marts.store_item_rate values (?, ?, '2026-03-08', ?, ?, ?)",
            [[p.store, p.item, p.daily, p.margin + 4, p.margin] for p in places],
        )
        return connection.execute(
            "select product_id, from_store_id, to_store_id, transfer_quantity, benefit_amount "
            f"from ({render('transfer_suggestion').sql})"
        ).fetchall()


def greedy(places: list[Place], freight: int, pack: int) -> list[Suggestion]:
    """The pair of most benefit first, over and over, until none pays."""
    chosen = []
    needed = {(p.store, p.item): p.needed // pack * pack for p in places}
    spare = {(p.store, p.item): p.spare // pack * pack for p in places}
    sellable = {(p.store, p.item): p.daily * HORIZON_DAYS for p in places}
    while True:
        best: tuple[Decimal, Decimal, Place, Place] | None = None
        for giver, receiver in product(places, places):
            if giver.item != receiver.item:
                continue
            to = (receiver.store, receiver.item)
            quantity = min(needed[to], spare[giver.store, giver.item])
            benefit = (
                min(quantity, sellable[to]) * receiver.margin
                - freight
                - (HANDLING + giver.loss) * quantity
            )
            if quantity and benefit > 0 and (best is None or benefit > best[0]):
                best = (benefit, quantity, giver, receiver)
        if best is None:
            return chosen
        benefit, quantity, giver, receiver = best
        to = (receiver.store, receiver.item)
        needed[to] -= quantity
        spare[giver.store, giver.item] -= quantity
        sellable[to] = max(Decimal(0), sellable[to] - quantity)
        chosen.append((giver.item, giver.store, receiver.store, quantity, benefit))


def place(store: str, item: str) -> st.SearchStrategy[Place]:
    return st.builds(
        Place,
        store=st.just(store),
        item=st.just(item),
        on_hand=st.integers(0, 90),
        in_transit=st.integers(0, 9),
        reserved=st.integers(0, 9),
        presentation=st.integers(0, 6),
        safety=st.integers(0, 3),
        quarters_a_day=st.sampled_from([0, 0, 1, 2, 4, 12]),
        half_margin=st.integers(0, 16),
    )


chains = st.tuples(*(place(store, item) for store in "ABCD" for item in ("P", "Q")))


@settings(max_examples=int(os.environ.get("TILLHOUSE_EXAMPLES", "25")), deadline=None)
@given(chains, st.integers(0, 20), st.sampled_from([1, 6]))
def test_nobody_gives_what_it_needs_and_nothing_is_sent_that_does_not_pay(
    chain: tuple[Place, ...], freight: int, pack: int
) -> None:
    places = {(p.store, p.item): p for p in chain}
    given_away: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    taken_in: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    suggestions = suggested(list(chain), freight, pack)
    for item, giver, receiver, quantity, benefit in suggestions:
        assert quantity > 0
        assert quantity % pack == 0
        assert benefit > 0
        given_away[giver, item] += quantity
        taken_in[receiver, item] += quantity
    for key, quantity in given_away.items():
        assert quantity <= places[key].spare
        assert places[key].position - quantity >= places[key].daily * TARGET_DAYS
        assert key not in taken_in
    for key, quantity in taken_in.items():
        assert quantity <= places[key].needed
    if len({item for item, *_ in suggestions}) == len(suggestions) and all(
        sum(1 for p in chain if p.item == item and p.needed // pack) == 1
        and sum(1 for p in chain if p.item == item and p.spare // pack) == 1
        for item in ("P", "Q")
    ):
        # Where only one can give and only one needs, there is nothing to choose.
        assert sorted(suggestions) == sorted(greedy(list(chain), freight, pack))


@pytest.mark.parametrize("pack", [1, 6])
def test_what_is_suggested_brings_nearly_what_a_greedy_buyer_finds(pack: int) -> None:
    drawn = random.Random(11)
    places = [
        Place(
            store=f"S{store}",
            item=f"I{item}",
            on_hand=drawn.choice([0, 2, 10, 40, 120]),
            in_transit=drawn.choice([0, 0, 6]),
            reserved=drawn.choice([0, 0, 1]),
            presentation=2,
            safety=1,
            quarters_a_day=drawn.choice([0, 1, 2, 4, 12]),
            half_margin=drawn.randint(2, 16),
        )
        for item in range(40)
        for store in range(6)
    ]
    found = suggested(places, 8, pack)
    by_item: dict[str, list[Place]] = defaultdict(list)
    for p in places:
        by_item[p.item].append(p)
    best = [choice for of_item in by_item.values() for choice in greedy(of_item, 8, pack)]
    assert len(best) > 40
    assert sum(row[4] for row in found) > Decimal("0.9") * sum(row[4] for row in best)
