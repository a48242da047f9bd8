"""Lets the tests of privacy import what stands beside them, and gives them a small house."""

import gzip
import shutil
import sys
from pathlib import Path

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from small_house import ALERTS, CUSTOMERS, DAY, MAPPINGS, SALES, load


@pytest.fixture
def delivered(house, deliver):
    """A house to which customers, sales, touches and alerts were delivered, nothing loaded yet."""
    for name, text in MAPPINGS.items():
        (house.mappings / f"{name}.yml").write_text(text, encoding="utf-8")
    deliver("customers_2026-01-01.csv", content=CUSTOMERS.encode("cp1252"))
    deliver(f"sales_{DAY}.csv", *SALES)
    touches = b"campaign,customer,event\nK1,C1,sent\nK1,C2,sent\n"
    deliver(f"touches_{DAY}.csv.gz", content=gzip.compress(touches))
    deliver("alerts_2026-01-01.jsonl", content=ALERTS.encode())
    return house


@pytest.fixture(scope="session")
def loaded_home(tmp_path_factory):
    """Where the first test that needs it leaves a copy of the loaded house."""
    return tmp_path_factory.mktemp("loaded") / "home"


@pytest.fixture
def loaded(request, house, loaded_home):
    """The same house after its first load, where identity has linked crm's C1 and nobody else."""
    if loaded_home.exists():
        # To copy it costs a tenth of what loading does.
        shutil.copytree(loaded_home, house.home, dirs_exist_ok=True)
        return house
    request.getfixturevalue("delivered")
    load(house)
    with duckdb.connect(str(house.raw_database)) as connection:
        connection.execute(
            "insert into identity.xref_customer_identity (source_system, source_id, customer_id) "
            "values ('crm', 'C1', 'P1'), ('crm', 'C2', 'P2'), ('shop', 'C1', 'P3')"
        )
    shutil.copytree(house.home, loaded_home)
    return house
