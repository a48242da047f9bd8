"""The model: splink scores candidate pairs with fixed parameters, see `docs/identity.md`.

Nothing is trained at night: the same records get the same score in every run.
"""

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.sql import fetch_one

if TYPE_CHECKING:
    from splink.internals.database_api import DatabaseAPI

SETTINGS = Path(__file__).parent / "splink_settings.json"

THRESHOLD = 0.99
"""Probability from which two records are linked: precision goes before recall."""

MODEL_RULE = "model"

SMALLEST_POPULATION = 4096
"""Fewer people do not show how common a name is."""

_COMPARED = """
create or replace temp table compared_record as
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
create or replace temp table blocked_pair as
select '0' as match_key, left_no as join_key_l, right_no as join_key_r from candidate_pair
"""

# In steps of two, so that one record more does not move the scores of all the others.
_FREQUENCIES = """
create or replace temp table frequency_{column} as
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
from {predictions}
"""


def database_api(connection: duckdb.DuckDBPyConnection) -> "DatabaseAPI[Any]":
    """The one place that chooses splink's engine."""
    from splink import DuckDBAPI

    return DuckDBAPI(connection)


def write_model_edges(connection: duckdb.DuckDBPyConnection) -> int:
    """Score `candidate_pair` and add what is likely enough to `edge`.

    Returns:
        How many pairs were linked.
    """
    from splink import Linker

    connection.execute(_COMPARED)
    connection.execute(_BLOCKED)
    api = database_api(connection)
    settings = json.loads(SETTINGS.read_text(encoding="utf-8"))
    linker = Linker(api.register("compared_record", table_name="compared_record"), settings)
    # A linker that is made turns its messages on again; they tell of timings alone.
    logging.getLogger("splink").setLevel(logging.WARNING)
    for column in ("given", "family"):
        connection.execute(_FREQUENCIES.format(column=column, smallest=SMALLEST_POPULATION))
        frequencies = api.register(f"frequency_{column}", table_name=f"frequency_{column}")
        linker.table_management.register_term_frequency_lookup(frequencies, column)
    linker.table_management.register_blocked_pairs_for_predict(
        api.register("blocked_pair", table_name="blocked_pair")
    )
    predictions = linker.inference.predict(
        threshold_match_probability=THRESHOLD, warning_mode="never"
    )
    (count,) = fetch_one(
        connection,
        _LINK.format(rule=MODEL_RULE, decided_by="splink", predictions=predictions.physical_name),
    )
    api.delete_tables_created_by_splink_from_db()
    return int(count)
