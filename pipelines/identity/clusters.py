"""Clusters: which records hang together by links, and where a cluster contradicts itself."""

import duckdb

from pipelines.identity.rules import MERGE_RULE, contradiction
from pipelines.sql import fetch_one

MAXIMUM_COMPARED = 200
"""Within larger clusters records are not held against each other: gate 19 stops at them anyway."""

# Each record takes the least number among its neighbours until none finds a lesser one.
_COMPONENTS = """
create or replace temp table {target} as
with recursive
link as (
    select left_no as from_no, right_no as to_no from {edges}
    union
    select right_no, left_no from {edges}
),
reached (record_no, cluster_no) using key (record_no) as (
    select distinct from_no, from_no from link
    union
    select link.to_no, min(reached.cluster_no)
    from reached
    inner join link on reached.record_no = link.from_no
    inner join recurring.reached as known on link.to_no = known.record_no
    where reached.cluster_no < known.cluster_no
    group by link.to_no
)
select record_no, cluster_no from reached
"""

# A cluster that somebody merged by hand was judged by a person.
_CONTRADICTIONS = """
create or replace temp table contradicted as
with judged as (
    select distinct cluster_no
    from cluster inner join edge on cluster.record_no = edge.left_no
    where edge.rule = '{merge_rule}'
),
compared as (
    select cluster_no
    from cluster
    anti join judged using (cluster_no)
    group by cluster_no
    having count(*) between 3 and {maximum_compared}
)
select distinct cluster_no
from compared
inner join cluster as left_member using (cluster_no)
inner join cluster as right_member using (cluster_no)
inner join source_record as l on left_member.record_no = l.record_no
inner join source_record as r on right_member.record_no = r.record_no
where l.record_no < r.record_no and {contradiction}
"""


_WEAK_LINKS = (
    "confidence = 'loose' and score < 0.9999",
    "confidence = 'loose' and score < 0.999999",
    "confidence = 'loose'",
    "confidence = 'strict'",
    "confidence = 'exact'",
)
"""What a cluster that contradicts itself loses, step by step."""


def write_components(connection: duckdb.DuckDBPyConnection, *, edges: str, target: str) -> None:
    """Write what hangs together: record_no, and the least number that it reaches as cluster_no.

    Args:
        connection: Where the tables stand.
        edges: A table with left_no and right_no.
        target: The temporary table to write; what has no edge is not in it.
    """
    connection.execute(_COMPONENTS.format(edges=edges, target=target))


def write_clusters(connection: duckdb.DuckDBPyConnection) -> None:
    """Write `cluster` from `edge`; records without a link are in none.

    Two records may contradict each other and still hang together through a third. Such a cluster
    loses its least sure links, then the next, until it agrees with itself.
    """
    write_components(connection, edges="edge", target="cluster")
    for weak in _WEAK_LINKS:
        connection.execute(
            _CONTRADICTIONS.format(
                merge_rule=MERGE_RULE,
                maximum_compared=MAXIMUM_COMPARED,
                contradiction=contradiction("l", "r"),
            )
        )
        if fetch_one(connection, "select count(*) from contradicted") == (0,):
            return
        (removed,) = fetch_one(
            connection,
            f"""
            delete from edge
            where
                {weak}
                and left_no in (
                    select record_no from cluster inner join contradicted using (cluster_no)
                )
            """,
        )
        if removed:
            write_components(connection, edges="edge", target="cluster")
