"""What a contract lets a till say has its profile: a line without one would stop the night."""

import itertools

import duckdb
from jinja2 import Environment

from pipelines.feeds.contract import load_contracts
from pipelines.settings import PROJECT_ROOT

MODEL = "dbt_project/models/intermediate/int_transaction_profile__possible.sql"
COUNTED_TYPES = {"sale", "return", "exchange"}


def possible() -> list[tuple[object, ...]]:
    """The attributes of every profile of the model; its keys are tested by dbt."""
    text = (PROJECT_ROOT / MODEL).read_text(encoding="utf-8")
    template = Environment().from_string(text)  # noqa: S701 - SQL, no HTML
    sql = template.render(unknown_id=lambda: "'unknown'", surrogate_key=lambda columns: "0")
    return duckdb.sql(f"select * exclude (transaction_profile_key) from ({sql})").fetchall()


def test_every_combination_that_contracts_allow_is_possible_once():
    contracts = load_contracts()
    allowed = {
        (feed, column.name): set(column.allowed)
        for feed in ("pos_line", "pos_transaction")
        for column in contracts[feed].columns
    }
    assert allowed["pos_transaction", "txn_type"] > COUNTED_TYPES
    flags = (True, False)
    expected = itertools.product(
        allowed["pos_line", "channel"],
        COUNTED_TYPES | {"unknown"},
        allowed["pos_line", "entry_method"] | {"unknown"},
        flags,
        flags,
        flags,
    )
    assert sorted(possible()) == sorted(expected)
