"""Clusters of stores that sell a like mix of goods in a like climate.

A cluster is named by its most central store, so that a name outlasts a night on which a few stores
change sides. Ward's method needs no chance: the same stores are clustered the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

FEWEST_STORES = 4
"""Of fewer stores each is its own kind."""

MOST_CLUSTERS = 8
"""Peers of a store are to be some: more clusters than so many are not looked at."""

LEAST_SILHOUETTE = 0.25
"""Below it there is no structure, by the rule of thumb of Kaufman and Rousseeuw: all are alike."""

CLIMATE_WEIGHT = 0.25
"""How far apart two stores of another climate zone are, where 1 parts two without a common good."""

_MIX = """
    select store_id, department_name, cast(net_share_rate as double) as share
    from mix
    order by store_id, department_name
"""

_ZONE = "select store_id, lower(trim(climate_zone)) from store where is_current"


@dataclass(frozen=True)
class Clustered:
    """A store and its cluster.

    Attributes:
        store_id: The store.
        computed_cluster_code: `like ` and the most central store of the cluster.
        centre_distance: How far the store is from the mean of the cluster.
        silhouette: How much nearer it is to its own cluster than to the next, -1 to 1; 0 where
            there is no other.
    """

    store_id: str
    computed_cluster_code: str
    centre_distance: float
    silhouette: float


def cluster_table(mix: "duckdb.DuckDBPyRelation", store: "duckdb.DuckDBPyRelation") -> "pa.Table":
    """A row by store, none where there are too few.

    Args:
        mix: The mart store_mix.
        store: dim_store.
    """
    import pyarrow as pa

    shares: dict[str, dict[str, float]] = {}
    for store_id, department, share in mix.query("mix", _MIX).fetchall():
        shares.setdefault(store_id, {})[department] = share
    zones = dict(store.query("store", _ZONE).fetchall())
    schema = pa.schema(
        [
            ("store_id", pa.string()),
            ("computed_cluster_code", pa.string()),
            ("centre_distance", pa.float64()),
            ("silhouette", pa.float64()),
        ]
    )
    rows = [asdict(row) for row in cluster_stores(shares, zones)]
    return pa.Table.from_pylist(rows, schema=schema)


def cluster_stores(
    shares: Mapping[str, Mapping[str, float]], zones: Mapping[str, str | None]
) -> list[Clustered]:
    """The clusters of so many as part stores best, by the mean silhouette.

    Args:
        shares: What part of a store's sales is of each department, by store.
        zones: The climate zone of each store, where it is known.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist, squareform

    stores = sorted(shares)
    if len(stores) < FEWEST_STORES:
        return []
    points = _points(stores, shares, zones)
    near = pdist(points)
    distances: Floats = squareform(near)
    best: tuple[float, Numbers] = (LEAST_SILHOUETTE, np.ones(len(stores), dtype=np.int64))
    if near.max() > 0:
        tree = linkage(points, method="ward")
        for count in range(2, min(MOST_CLUSTERS, len(stores) - 1) + 1):
            labels = np.asarray(fcluster(tree, count, criterion="maxclust"), dtype=np.int64)
            told = float(silhouettes(distances, labels).mean())
            if told > best[0]:
                best = (told, labels)
    labels = best[1]
    silhouette = silhouettes(distances, labels)
    rows = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        centre = points[members].mean(axis=0)
        # Rounded, so that of equally central stores the first is taken whatever the last digit.
        spread = distances[np.ix_(members, members)].sum(axis=1).round(9)
        code = f"like {stores[members[int(spread.argmin())]]}"
        for member in members:
            distance = round(float(np.linalg.norm(points[member] - centre)), 9)
            rows.append(Clustered(stores[member], code, distance, float(silhouette[member])))
    return sorted(rows, key=lambda row: row.store_id)


def silhouettes(distances: Floats, labels: Numbers) -> Floats:
    """How much nearer each is to its own cluster than to the next; 0 for one that is alone.

    Args:
        distances: From each to each.
        labels: The cluster of each.
    """
    names = np.unique(labels)
    if len(names) == 1:
        return np.zeros(len(labels))
    is_member = labels[:, None] == names[None, :]
    sizes = is_member.sum(axis=0)
    sums = distances @ is_member
    own_size = sizes[np.searchsorted(names, labels)]
    own = sums[is_member] / np.maximum(own_size - 1, 1)
    other = np.where(is_member, np.inf, sums / sizes).min(axis=1)
    widest = np.maximum(own, other)
    told = np.where(widest > 0, (other - own) / np.where(widest > 0, widest, 1), 0.0)
    return np.where(own_size > 1, told, 0.0)


def _points(
    stores: Sequence[str],
    shares: Mapping[str, Mapping[str, float]],
    zones: Mapping[str, str | None],
) -> Floats:
    """Roots of shares, which weigh a point of a small department more than one of a large one.

    Two stores without a common department are then 1 apart. The zone is one column each.
    """
    departments = sorted({name for mix in shares.values() for name in mix})
    mix = [[shares[store].get(name, 0.0) for name in departments] for store in stores]
    known = sorted({zone for store in stores if (zone := zones.get(store))})
    zone_of = [[float(zones.get(store) == zone) for zone in known] for store in stores]
    climate = np.asarray(zone_of, dtype=np.float64).reshape(len(stores), len(known))
    roots = np.sqrt(np.clip(np.asarray(mix, dtype=np.float64), 0, None))
    return np.hstack([roots, CLIMATE_WEIGHT * climate]) / np.sqrt(2)
