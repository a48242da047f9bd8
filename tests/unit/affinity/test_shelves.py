"""Communities of small graphs, by hand and against every way to part them; what a night keeps."""

import itertools
import math
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipelines.affinity.shelves import communities, group_members, modularity

BRIDGED_TRIANGLES = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (2, 3)]

Pair = tuple[str, str, float]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            "create table basket_affinity (affinity_level varchar, fiscal_period_start_date date, "
            "cluster_code varchar, left_code varchar, right_code varchar, lift double, "
            "shrunken_lift double)"
        )
        yield connection


def add(
    connection: duckdb.DuckDBPyConnection,
    pairs: Iterable[Pair],
    *,
    level: str = "item",
    period: str = "2026-02-01",
    cluster: str = "town",
) -> None:
    connection.executemany(
        "insert into basket_affinity values (?, ?, ?, ?, ?, ?, ?)",
        [[level, period, cluster, left, right, lift, lift] for left, right, lift in pairs],
    )


def grouped(connection: duckdb.DuckDBPyConnection, before: pa.Table | None = None) -> pa.Table:
    known = None
    if before is not None:
        connection.register("before", before)
        known = connection.query("from before")
    return group_members(connection.table("basket_affinity"), known)


def rows(table: pa.Table, *columns: str) -> list[tuple[object, ...]]:
    return sorted(tuple(row[name] for name in columns) for row in table.to_pylist())


def as_arrays(edges: Iterable[tuple[int, int, float]]) -> tuple[np.ndarray, ...]:
    left, right, weight = zip(*edges, strict=True)
    return np.array(left), np.array(right), np.array(weight, dtype=float)


def score(community: np.ndarray, left: np.ndarray, right: np.ndarray, weight: np.ndarray) -> float:
    """Modularity by its definition, edge by edge."""
    total = weight.sum()
    strength = [weight[(left == n) | (right == n)].sum() for n in range(len(community))]
    within = weight[community[left] == community[right]].sum() / total
    by_community = [
        sum(s for s, c in zip(strength, community, strict=True) if c == name)
        for name in set(community.tolist())
    ]
    return within - sum((s / (2 * total)) ** 2 for s in by_community)


def test_two_triangles_and_a_bridge_are_two_communities(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    names = "abcdef"
    add(connection, [(names[left], names[right], math.e) for left, right in BRIDGED_TRIANGLES])
    add(connection, [("a", "f", 0.5), ("b", "e", 1.0)])  # no edges: not beyond chance
    table = grouped(connection)
    # The bridge's ends have three edges of weight ln e = 1, two within; all others two of two. Of
    # equal ones the first is the strongest. Modularity: 6/7 - 2 (7/14)^2 = 5/14.
    assert rows(table, "member_code", "community_code", "strength", "community_strength") == [
        ("a", "a", 2, 2),
        ("b", "a", 2, 2),
        ("c", "a", 3, 2),
        ("d", "d", 3, 2),
        ("e", "d", 2, 2),
        ("f", "d", 2, 2),
    ]
    assert table["modularity"].to_pylist() == [pytest.approx(5 / 14)] * 6


def test_the_strongest_member_within_names_its_community(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    add(connection, [("a", "b", 2.0), ("b", "c", 3.0)])
    assert set(grouped(connection)["community_code"].to_pylist()) == {"b"}


def test_communities_are_nearly_the_best_of_all_ways_to_part_a_graph() -> None:
    draw = random.Random(11)
    for _ in range(20):
        size = 7
        drawn = [
            (left, right, draw.choice([0.2, 1.0, 3.0]))
            for left, right in itertools.combinations(range(size), 2)
            if draw.random() < 0.5 and (left, right) != (0, size - 1)
        ]
        arrays = as_arrays([*drawn, (0, size - 1, 0.1)])  # so that all numbers are taken
        best = max(
            score(np.array(parts), *arrays) for parts in itertools.product(range(3), repeat=size)
        )
        found = communities(*arrays)
        assert score(found, *arrays) >= best - 0.03
        left, right, weight = arrays
        strength = np.bincount(left, weight, size) + np.bincount(right, weight, size)
        stays = found[left] == found[right]
        within = np.bincount(left[stays], weight[stays], size)
        within += np.bincount(right[stays], weight[stays], size)
        assert modularity(found, strength, within) == pytest.approx(score(found, *arrays))


def test_markets_are_apart_and_levels_too(connection: duckdb.DuckDBPyConnection) -> None:
    add(connection, [("a", "b", 2.0)])
    add(connection, [("b", "c", 2.0)], cluster="city")
    add(connection, [("b", "c", 2.0)], period="2026-03-01")
    add(connection, [("b", "c", 2.0)], level="category")
    assert rows(grouped(connection), "member_code", "community_code") == [
        ("a", "a"),
        ("b", "a"),
        *[("b", "b")] * 3,
        *[("c", "b")] * 3,
    ]


def test_only_markets_whose_pairs_changed_are_worked_out_again(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(connection, [("a", "b", 2.0), ("b", "c", 2.0)])
    add(connection, [("a", "b", 3.0)], cluster="city")
    add(connection, [("a", "z", 3.0)], cluster="gone")
    first = grouped(connection)
    connection.execute("update basket_affinity set shrunken_lift = 9 where cluster_code = 'city'")
    connection.execute("delete from basket_affinity where cluster_code = 'gone'")
    worked_out = []

    def counted(*arrays: np.ndarray) -> np.ndarray:
        worked_out.append(arrays)
        return communities(*arrays)

    monkeypatch.setattr("pipelines.affinity.shelves.communities", counted)
    second = grouped(connection, first)
    assert len(worked_out) == 1
    assert rows(second, *second.column_names) == rows(grouped(connection), *second.column_names), (
        "as if all were made anew"
    )
    worked_out.clear()
    assert grouped(connection, second).num_rows == second.num_rows == 5
    assert worked_out == []


def test_nothing_is_bought_together_and_no_library_is_loaded() -> None:
    program = (
        "import duckdb, sys; from pipelines.affinity.shelves import group_members; "
        "c = duckdb.connect(); p = c.query(\"select '' as affinity_level, current_date as "
        "fiscal_period_start_date, '' as cluster_code, 'a' as left_code, 'b' as right_code, "
        '0.5::double as lift, 0.7::double as shrunken_lift"); '
        "t = group_members(p, None); print(t.num_rows, t.num_columns, 'networkx' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["0", "9", "False"]


def test_another_process_finds_the_same(connection: duckdb.DuckDBPyConnection) -> None:
    """Texts are hashed by another seed in each process; nothing may depend on it."""
    draw = random.Random(3)
    edges = [
        (left, right, draw.random())
        for left, right in itertools.combinations(range(40), 2)
        if draw.random() < 0.2
    ]
    program = (
        "import sys, json, numpy; from pipelines.affinity.shelves import communities; "
        "left, right, weight = map(numpy.array, zip(*json.loads(sys.argv[1]))); "
        "print(communities(left, right, weight).tolist())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program, str([list(edge) for edge in edges])],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert told == {f"{communities(*as_arrays(edges)).tolist()}\n"}
