"""Candidate pairs: which records the model compares, near-linear in their number.

Records meet in small blocks that share rare things. A block that is larger than the limit is left
out, so a record is compared with at most so many others in each way, however many there are.
"""

import duckdb

from pipelines.identity.rules import contradiction
from pipelines.sql import fetch_one

MAXIMUM_BLOCK = 30
"""Records that meet by one key: more share something common, which says little of any two."""

BLOCKS = (
    ("mail",),
    ("phone",),
    ("family", "birth_date"),
    ("given", "birth_date"),
    ("birth_date", "postcode"),
    ("birth_date", "street"),
    # in each other's place too
    ("least(given, family)", "greatest(given, family)", "postcode"),
    ("family", "street"),
    ("given", "street"),
    ("left(family, 3)", "street", "postcode"),
)
"""What two records have to share to be compared at all."""

_KEYS = """
select {number} as block, hash({columns}) as key, record_no
from source_record
anti join split_record_no using (record_no)
where entity = 'person' and {known}
"""

_PAIRS = """
create or replace temp table candidate_pair as
with block_key as ({keys}),
small_block as (
    select block, key from block_key group by block, key
    having count(*) between 2 and {maximum_block}
),
meeting as (
    select block_key.* from block_key inner join small_block using (block, key)
),
pair as (
    select distinct l.record_no as left_no, r.record_no as right_no
    from meeting as l
    inner join meeting as r
        on l.block = r.block and l.key = r.key and l.record_no < r.record_no
)
select pair.left_no, pair.right_no
from pair
inner join source_record as l on pair.left_no = l.record_no
inner join source_record as r on pair.right_no = r.record_no
left join cluster as left_cluster on pair.left_no = left_cluster.record_no
left join cluster as right_cluster on pair.right_no = right_cluster.record_no
where
    coalesce(left_cluster.cluster_no <> right_cluster.cluster_no, true)
    -- What a household shares is no evidence of a person: name or day of birth has to speak.
    and (l.given is not null and r.given is not null
        or l.birth_date is not null and r.birth_date is not null)
    and not {contradiction}
"""


def write_candidate_pairs(connection: duckdb.DuckDBPyConnection) -> int:
    """Write `candidate_pair` of persons that the rules have not linked already.

    Returns:
        How many pairs there are.
    """
    keys = " union all ".join(
        _KEYS.format(
            number=number,
            columns=", ".join(columns),
            known=" and ".join(f"{column} is not null" for column in columns),
        )
        for number, columns in enumerate(BLOCKS)
    )
    connection.execute(
        _PAIRS.format(keys=keys, maximum_block=MAXIMUM_BLOCK, contradiction=contradiction("l", "r"))
    )
    (count,) = fetch_one(connection, "select count(*) from candidate_pair")
    return int(count)
