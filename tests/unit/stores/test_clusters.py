"""Stores that are drawn alike are found alike, by whatever order they come in."""

import random

import numpy as np
import pytest

from pipelines.stores.clusters import cluster_stores, silhouettes

KINDS = {
    "grocer": {"Food": 0.9, "Toys": 0.1},
    "half": {"Food": 0.5, "Toys": 0.5},
    "toys": {"Food": 0.05, "Toys": 0.95},
}


def drawn(stores: int, spread: float = 0.02) -> dict[str, dict[str, float]]:
    """So many stores of each kind, their shares a little beside it."""
    chance = random.Random(3)
    shares = {}
    for kind, mix in KINDS.items():
        for number in range(stores):
            moved = chance.uniform(-spread, spread)
            shares[f"{kind} {number}"] = {
                "Food": mix["Food"] + moved,
                "Toys": mix["Toys"] - moved,
            }
    return shares


def together(shares: dict[str, dict[str, float]], zones: dict[str, str | None]) -> set[frozenset]:
    """The clusters as sets of stores."""
    rows = cluster_stores(shares, zones)
    codes = {row.computed_cluster_code for row in rows}
    return {
        frozenset(row.store_id for row in rows if row.computed_cluster_code == code)
        for code in codes
    }


def test_three_kinds_of_stores_are_three_clusters_in_whatever_order() -> None:
    shares = drawn(5)
    expected = {frozenset(store for store in shares if store.startswith(kind)) for kind in KINDS}
    assert together(shares, {}) == expected
    mixed = list(shares.items())
    random.Random(1).shuffle(mixed)
    assert cluster_stores(dict(mixed), {}) == cluster_stores(shares, {})


def test_a_cluster_is_named_by_its_most_central_store_which_lies_near_its_mean() -> None:
    shares = {f"S{n}": {"Food": food, "Toys": 1 - food} for n, food in enumerate((0.1, 0.2, 0.3))}
    shares |= {f"T{n}": {"Food": food, "Toys": 1 - food} for n, food in enumerate((0.9, 0.92))}
    rows = {row.store_id: row for row in cluster_stores(shares, {})}
    assert {row.computed_cluster_code for row in rows.values()} == {"like S1", "like T0"}
    assert min(("S0", "S1", "S2"), key=lambda store: rows[store].centre_distance) == "S1"
    assert all(row.silhouette > 0.3 for row in rows.values())


def test_climate_parts_stores_that_sell_the_same() -> None:
    shares = {f"S{number}": {"Food": 1.0} for number in range(6)}
    zones: dict[str, str | None] = {
        f"S{number}": ("hot", "cold")[number % 2] for number in range(6)
    }
    assert together(shares, zones) == {
        frozenset({"S0", "S2", "S4"}),
        frozenset({"S1", "S3", "S5"}),
    }


def test_stores_that_are_all_alike_are_one_cluster_and_three_are_too_few() -> None:
    alike = {f"S{number}": {"Food": 0.6, "Toys": 0.4} for number in range(5)}
    rows = cluster_stores(alike, {})
    assert {(row.computed_cluster_code, row.centre_distance) for row in rows} == {("like S0", 0.0)}
    assert {row.silhouette for row in rows} == {0.0}
    assert cluster_stores(dict(list(alike.items())[:3]), {}) == []


def test_silhouettes_are_those_of_a_hand() -> None:
    # On a line at 0, 1, 5, 7, 20: of 0 the own is 1, the next (5 + 7) / 2 = 6: 5 / 6.
    places = np.array([0.0, 1.0, 5.0, 7.0, 20.0])
    distances = np.abs(places[:, None] - places[None, :])
    told = silhouettes(distances, np.array([1, 1, 2, 2, 3]))
    assert told == pytest.approx([5 / 6, 4 / 5, (4.5 - 2) / 4.5, (6.5 - 2) / 6.5, 0.0])
