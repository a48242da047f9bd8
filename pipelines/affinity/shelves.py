"""Communities of the lift graph: members that are bought together rather than with all others.

A market is a level, a fiscal period and a store cluster. What was found in a market stands for as
long as its pairs stay the same, so that a night works out only what changed.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipelines.sql import literal

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

METHOD = "louvain 1"
"""Part of each market's version. Who changes how communities are found raises it."""

SEED = 5
"""Louvain visits members in an order of chance, which is the same each night."""

_MARKET = "affinity_level, fiscal_period_start_date, cluster_code"

# A pair that is met as often as by chance is no edge, and one that is met less often even less.
_MARKETS = f"""
    select
        {_MARKET},
        md5(concat_ws(
            '|', {literal(METHOD)}, {_MARKET}, count(*),
            bit_xor(hash(left_code, right_code, shrunken_lift))
        )) as market_version
    from pair
    where lift > 1
    group by {_MARKET}
"""

_EDGES = f"""
    select
        {_MARKET}, market_version, left_code, right_code, ln(shrunken_lift) as weight
    from pair
    inner join ({_MARKETS}) using ({_MARKET})
    where lift > 1 and market_version in ({{versions}})
    order by market_version, left_code, right_code
"""


def group_members(
    pairs: "duckdb.DuckDBPyRelation", before: "duckdb.DuckDBPyRelation | None"
) -> "pa.Table":
    """A row by market and member that has an edge.

    Args:
        pairs: The mart basket_affinity.
        before: The table as it was made last; None where there is none.
    """
    import pyarrow as pa

    versions = {version for *_, version in pairs.query("pair", _MARKETS).fetchall()}
    tables, known = [], set()
    if before is not None:
        kept = f"from known where market_version in ({_listed(versions)})"
        tables.append(before.query("known", kept).to_arrow_table())
        known = set(tables[0]["market_version"].to_pylist())
    edges = pairs.query("pair", _EDGES.format(versions=_listed(versions - known))).fetchnumpy()
    version_of_edge = np.asarray(edges["market_version"], dtype=np.str_)
    _, starts = np.unique(version_of_edge, return_index=True)
    ends = np.append(starts, len(version_of_edge))[1:]
    for start, end in zip(starts, ends, strict=True):
        market = {name: np.asarray(values[start:end]) for name, values in edges.items()}
        tables.append(_market_table(market))
    return pa.concat_tables([_schema().empty_table(), *tables])


def _market_table(edges: dict[str, NDArray]) -> "pa.Table":
    import pyarrow as pa

    codes, ends = np.unique(
        np.concatenate([edges["left_code"], edges["right_code"]]).astype(str), return_inverse=True
    )
    left, right = ends.reshape(2, -1)
    weight = edges["weight"].astype(np.float64)
    community = communities(left, right, weight)
    strength = _strength(left, right, weight, len(codes))
    is_within = community[left] == community[right]
    within = _strength(left[is_within], right[is_within], weight[is_within], len(codes))
    row_count = len(codes)
    same = {
        name: [edges[name][0]] * row_count
        for name in ("affinity_level", "cluster_code", "market_version")
    }
    first_date = edges["fiscal_period_start_date"][0].astype("datetime64[D]").item()
    columns = {
        **same,
        "fiscal_period_start_date": [first_date] * row_count,
        "member_code": codes,
        "community_code": codes[_strongest(community, within)],
        "strength": strength,
        "community_strength": within,
        "modularity": [modularity(community, strength, within)] * row_count,
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


def _listed(values: set[str]) -> str:
    return ", ".join(literal(value) for value in sorted(values)) or "null"


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
