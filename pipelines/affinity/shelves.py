"""Communities of the lift graph: members that are bought together rather than with all others.

A market is a level, a fiscal period and a store cluster. What was found in a market stands for as
long as its pairs stay the same, so that a night works out only what changed.
"""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipelines.sql import literal

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Texts = NDArray[np.str_]

METHOD = "louvain 1"
"""Part of each market's version. Who changes how communities are found raises it."""

SEED = 5
"""Louvain visits members in an order of chance, which is the same each night."""

# A pair that is met as often as by chance is no edge, and one that is met less often even less.
_MARKETS = f"""
    select
        affinity_level,
        fiscal_period_start_date,
        cluster_code,
        md5(concat_ws(
            '|', {literal(METHOD)}, affinity_level, fiscal_period_start_date, cluster_code,
            count(*), bit_xor(hash(left_code, right_code, shrunken_lift))
        )) as market_version
    from pair
    where lift > 1
    group by affinity_level, fiscal_period_start_date, cluster_code
    order by fiscal_period_start_date, affinity_level, cluster_code
"""

_EDGES = """
    select affinity_level, cluster_code, left_code, right_code, ln(shrunken_lift) as weight
    from pair
    where lift > 1 and fiscal_period_start_date = {first_date}
    order by affinity_level, cluster_code, left_code, right_code
"""

Market = tuple[str, date, str]
"""Level, first day of the fiscal period, and store cluster."""


def group_members(
    pairs: "duckdb.DuckDBPyRelation", before: "duckdb.DuckDBPyRelation | None"
) -> "pa.Table":
    """A row by market and member that has an edge.

    Args:
        pairs: The mart basket_affinity.
        before: The table as it was made last; None where there is none.
    """
    import pyarrow as pa

    found = pairs.query("pair", _MARKETS).fetchall()
    versions: dict[Market, str] = {tuple(market): version for *market, version in found}
    tables = [_schema().empty_table()]
    if before is not None:
        listed = ", ".join(map(literal, versions.values())) or "null"
        kept = before.query("known", f"from known where market_version in ({listed})")
        tables.append(kept.to_arrow_table())
        known = set(tables[-1]["market_version"].to_pylist())
        versions = {market: version for market, version in versions.items() if version not in known}
    for first_date in dict.fromkeys(first_date for _, first_date, _ in versions):
        tables += _period_tables(pairs, first_date, versions)
    return pa.concat_tables(tables)


def _period_tables(
    pairs: "duckdb.DuckDBPyRelation", first_date: date, versions: dict[Market, str]
) -> Iterator["pa.Table"]:
    """The markets of a period that have a version here; a period's edges are held at a time."""
    literal_date = f"date {literal(first_date.isoformat())}"
    edges = pairs.query("pair", _EDGES.format(first_date=literal_date)).fetchnumpy()
    level, cluster, left, right = (
        np.asarray(edges[name], dtype=np.str_)
        for name in ("affinity_level", "cluster_code", "left_code", "right_code")
    )
    weight = np.asarray(edges["weight"], dtype=np.float64)
    is_next = (level[1:] != level[:-1]) | (cluster[1:] != cluster[:-1])
    starts = np.append(0, np.flatnonzero(is_next) + 1)
    for start, end in zip(starts, np.append(starts[1:], len(weight)), strict=True):
        market = (str(level[start]), first_date, str(cluster[start]))
        if market in versions:
            of_market = slice(start, end)
            yield _market_table(
                market, versions[market], left[of_market], right[of_market], weight[of_market]
            )


def _market_table(
    market: Market, version: str, left_code: Texts, right_code: Texts, weight: Floats
) -> "pa.Table":
    import pyarrow as pa

    codes, ends = np.unique(np.concatenate([left_code, right_code]), return_inverse=True)
    left, right = ends.reshape(2, -1)
    size = len(codes)
    community = communities(left, right, weight)
    strength = _strength(left, right, weight, size)
    is_within = community[left] == community[right]
    within = _strength(left[is_within], right[is_within], weight[is_within], size)
    level, first_date, cluster = market
    columns = {
        "affinity_level": [level] * size,
        "fiscal_period_start_date": [first_date] * size,
        "cluster_code": [cluster] * size,
        "member_code": codes,
        "community_code": codes[_strongest(community, within)],
        "strength": strength,
        "community_strength": within,
        "modularity": [modularity(community, strength, within)] * size,
        "market_version": [version] * size,
    }
    return pa.Table.from_pydict(columns, schema=_schema())


def communities(left: Numbers, right: Numbers, weight: Floats) -> Numbers:
    """The community of each member, by the method of Louvain (Blondel et al. 2008).

    Args:
        left: One end of each edge, as a number from 0 on.
        right: The other end.
        weight: How much more than by chance the two are met.
    """
    import networkx  # dbt has it loaded: it keeps its own graph by it

    graph = networkx.Graph()
    # Python's numbers in their order: what a set of them is walked by is the same in any process.
    graph.add_nodes_from(range(int(max(left.max(), right.max())) + 1))
    edges = zip(left.tolist(), right.tolist(), weight.tolist(), strict=True)
    graph.add_weighted_edges_from(edges)
    found = networkx.community.louvain_communities(graph, seed=SEED)
    community = np.empty(len(graph), dtype=np.int64)
    for number, members in enumerate(found):
        community[list(members)] = number
    return community


def modularity(community: Numbers, strength: Floats, within: Floats) -> float:
    """The share of weight within communities, less what it would be by chance (Newman 2004).

    Args:
        community: Of each member.
        strength: Weight of all edges of the member.
        within: Weight of those of them that stay in the community.
    """
    total = strength.sum()
    by_community = np.bincount(community, weights=strength)
    return float(within.sum() / total - np.sum((by_community / total) ** 2))


def _strength(left: Numbers, right: Numbers, weight: Floats, size: int) -> Floats:
    """Weight of the edges of each member."""
    strength = np.zeros(size)
    strength += np.bincount(left, weight, size)
    strength += np.bincount(right, weight, size)
    return strength


def _strongest(community: Numbers, within: Floats) -> Numbers:
    """For each member the strongest one of its community, the first by code of equal ones."""
    order = np.lexsort((np.arange(len(within)), -within, community))
    _, first = np.unique(community[order], return_index=True)
    return order[first][np.unique(community, return_inverse=True)[1]]


def _schema() -> "pa.Schema":
    import pyarrow as pa

    return pa.schema(
        [
            ("affinity_level", pa.string()),
            ("fiscal_period_start_date", pa.date32()),
            ("cluster_code", pa.string()),
            ("member_code", pa.string()),
            ("community_code", pa.string()),
            ("strength", pa.float64()),
            ("community_strength", pa.float64()),
            ("modularity", pa.float64()),
            ("market_version", pa.string()),
        ]
    )
