"""The customer side of a history that came in any order and in several loads is the same one.

Files of customers, consents, leads, cards and sales of the simulated retailer are shuffled and cut
into loads; identities are resolved after each, as every night does. What dbt builds at the end is
held against the house into which all came at once.
"""

import random
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines.feeds.loader import load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.feeds.raw_tables import create_tables
from pipelines.identity.resolve import resolve_identities
from pipelines.privacy.contacts import write_contacts
from pipelines.privacy.key import require_key
from pipelines.settings import Settings
from pipelines.warehouse.changes import write_changes
from pipelines.warehouse.dbt import invoke_dbt, raise_for_failures
from pipelines.window import Window

if TYPE_CHECKING:
    from tests.conftest import DbtPlace

pytestmark = pytest.mark.slow

DELIVERIES = (
    "crm/customers_*",
    "crm/consents_*",
    "crm/leads_*",
    "crm/opportunities_*",
    "webshop/*",
    "loyalty/*",
    "till_a/receipts_*",
    "till_a/lines_*",
)

TABLES = (
    "dim_customer",
    "dim_consent",
    "dim_customer_contact",
    "fct_loyalty",
    "xref_customer_identity",
)

SOURCES = {
    **{table: f"from warehouse.core.{table}" for table in TABLES},
    # When a link was made is a matter of the order; which links stand is not.
    "xref_customer_identity": """
        select * exclude (linked_at, unlinked_at) from warehouse.core.xref_customer_identity
        where unlinked_at is null
    """,
    # By it every fact, those of sales too, has its customer.
    "int_customer__identified": "from raw.intermediate.int_customer__identified",
}

Hashes = dict[str, tuple[int, int, int]]


@pytest.fixture(scope="module")
def files(simulated_home: Path) -> list[Path]:
    landing = simulated_home / "landing"
    found = [path for pattern in DELIVERIES for path in sorted(landing.glob(pattern))]
    return [path.relative_to(landing) for path in found]


@pytest.fixture(scope="module")
def build(simulated_home: Path, dbt_place: "DbtPlace") -> Callable[[list[list[Path]]], Hashes]:
    """Deliver load by load into a new house and hash what is built."""

    def run(loads: list[list[Path]]) -> Hashes:
        house = Settings(home=dbt_place.clear(), settle_seconds=0)
        house.make_directories()
        with duckdb.connect(str(house.raw_database)) as connection:
            create_tables(connection)
            for day, load in enumerate(loads, start=1):
                for name in load:
                    (house.landing / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(simulated_home / "landing" / name, house.landing / name)
                load_landed_files(
                    connection,
                    landing=house.landing,
                    mappings=load_mappings(simulated_home / "mappings"),
                    work=house.work,
                    on_progress=lambda text: None,
                )
                resolve_identities(
                    connection, seeds=house.dbt_project / "seeds", now=datetime(2024, 6, day)
                )
            write_contacts(connection, require_key(connection, house.privacy_key))
        write_changes(house.raw_database, house.warehouse_database, Window())
        selected = [f"+{table}" for table in SOURCES]
        raise_for_failures(
            invoke_dbt(
                house,
                ["--quiet", "build", "--select", *selected]
                + ["--exclude-resource-type", "test", "unit_test"],
            )
        )
        dbt_place.keep()
        return hashes(house)

    return run


def hashes(house: Settings) -> Hashes:
    """Row count and order-free hash of each table."""
    with duckdb.connect(str(house.raw_database), read_only=True) as connection:
        connection.execute(f"attach '{house.warehouse_database}' as warehouse (read_only)")
        return {
            name: connection.execute(
                "select count(*), bit_xor(hash(found)), cast(sum(hash(found)) as hugeint) "
                f"from ({source}) as found"
            ).fetchall()[0]
            for name, source in SOURCES.items()
        }


def shuffled(files: list[Path], *, seed: int) -> list[list[Path]]:
    """The files in any order, in two loads."""
    order = random.Random(seed).sample(files, len(files))
    return [order[::2], order[1::2]]


@pytest.fixture(scope="module")
def in_order(build: Callable[[list[list[Path]]], Hashes], files: list[Path]) -> Hashes:
    return build([files])


def test_the_history_has_something_of_everything(in_order: Hashes) -> None:
    counts = {name: count for name, (count, _, _) in in_order.items()}
    assert min(counts.values()) > 50, counts
    assert counts["xref_customer_identity"] > counts["dim_customer_contact"], "cards and leads too"


def test_a_shuffled_history_ends_in_the_same_tables(
    build: Callable[[list[list[Path]]], Hashes],
    files: list[Path],
    in_order: Hashes,
) -> None:
    assert build(shuffled(files, seed=1)) == in_order
