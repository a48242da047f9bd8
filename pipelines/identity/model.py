"""The model: splink scores candidate pairs with fixed parameters, see `docs/identity.md`.

Nothing is trained at night: the same records get the same score in every run.
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines.identity.scoring import scoring_engine
from pipelines.sql import fetch_one

if TYPE_CHECKING:
    from splink.internals.splink_dataframe import SplinkDataFrame

SETTINGS = Path(__file__).parent / "splink_settings.json"

THRESHOLD = 0.99
"""Probability from which two records are linked: precision goes before recall."""

MODEL_RULE = "model"

SMALLEST_POPULATION = 4096
"""Fewer people do not show how common a name is."""

_COMPARED = """
select
    record_no, given, family, cast(birth_date as varchar) as birth_date, street, city, postcode,
    mail, phone
from source_record
semi join (
    select left_no as record_no from candidate_pair
    union
    select right_no from candidate_pair
) using (record_no)
"""

_BLOCKED = """
select '0' as match_key, left_no as join_key_l, right_no as join_key_r from candidate_pair
"""

# In steps of two, so that one record more does not move the scores of all the others.
_FREQUENCIES = """
select
    {column},
    pow(2, ceil(log2(count(*))))
    / pow(2, ceil(log2(greatest(sum(count(*)) over (), {smallest})))) as tf_{column}
from source_record
where entity = 'person' and {column} is not null
group by {column}
"""

_LINK = """
insert into edge by name
select
    record_no_l as left_no, record_no_r as right_no, '{rule}' as rule, 'loose' as confidence,
    match_probability as score, '{decided_by}' as decided_by
from prediction
"""


def write_model_edges(
    connection: duckdb.DuckDBPyConnection, spark: Mapping[str, str] | None = None
) -> int:
    """Score `candidate_pair` and add what is likely enough to `edge`.

    Args:
        connection: Where the tables stand.
        spark: Configuration of the Spark session that scores; None where DuckDB does.

    Returns:
        How many pairs were linked.
    """
    from splink import Linker

    settings = json.loads(SETTINGS.read_text(encoding="utf-8"))
    with scoring_engine(connection, spark) as api:

        def register(query: str) -> "SplinkDataFrame":
            # As an Arrow table, which every engine takes.
            return api.register(connection.execute(query).to_arrow_table())

        linker = Linker(register(_COMPARED), settings)
        # A linker that is made turns its messages on again; they tell of timings alone.
        logging.getLogger("splink").setLevel(logging.WARNING)
        tables = linker.table_management
        for column in ("given", "family"):
            query = _FREQUENCIES.format(column=column, smallest=SMALLEST_POPULATION)
            tables.register_term_frequency_lookup(register(query), column)
        tables.register_blocked_pairs_for_predict(register(_BLOCKED))
        predictions = linker.inference.predict(
            threshold_match_probability=THRESHOLD, warning_mode="never"
        )
        connection.register("prediction", predictions.as_pyarrow_table())
    (count,) = fetch_one(connection, _LINK.format(rule=MODEL_RULE, decided_by="splink"))
    connection.unregister("prediction")
    return int(count)
