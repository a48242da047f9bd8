"""A history whose files came in any order, in several loads and again: the same rows count.

Files of all feeds of the simulated retailer are loaded as they never come, and held against the
house into which they came at once; identities are resolved after each load, as every night does.
What dbt builds is made from these rows, views and links alone.
"""

import os
import random
import re
import shutil
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.feeds.contract import load_contracts
from pipelines.feeds.loader import load_landed_files
from pipelines.feeds.mapping import load_mappings
from pipelines.identity.resolve import resolve_identities
from pipelines.privacy.contacts import write_contacts
from pipelines.privacy.key import require_key
from pipelines.settings import Settings

pytestmark = pytest.mark.slow

Hashes = dict[str, tuple[int, int]]

FILES_OF_EACH_KIND = 2
"""To load all files twice would cost half a minute."""

WHOLE_KINDS = ("crm/customers", "webshop/", "loyalty/")
"""Whose files are all loaded: only a history of customers has links that change."""

VIEWS = {
    "business_day": "from ledger.business_day",
    # Of two copies the one that came first is loaded; what they hold is the same.
    "file_version": "select distinct feed, version from ledger.file_version",
    "file_date": """
        select feed, business_date, sum(row_count) from ledger.file_date
        where file_id in (select file_id from ledger.file where status = 'loaded') group by all
    """,
    "excluded": "select feed, kind, count(*) from ledger.excluded_row group by all",
    "quarantine": "select feed, reasons, raw_text from quarantine.row",
    # When a link was made is a matter of the order; which links stand is not.
    "links": """
        select * exclude (linked_at, unlinked_at) from identity.xref_customer_identity
        where unlinked_at is null
    """,
    "household": "from identity.household",
    "contact": "from privacy.customer_contact",
}


def hashes(connection: duckdb.DuckDBPyConnection) -> Hashes:
    """Row count and order-free hash of what counts of each feed, and of what models read beside."""
    sources = dict(VIEWS)
    for contract in load_contracts().values():
        columns = ", ".join(f'"{column.name}"' for column in contract.columns)
        sources[contract.feed] = f"""
            select {columns} from {contract.table} as feed
            anti join ledger.excluded_row as excluded
                on
                    excluded.feed = '{contract.feed}' and excluded.file_id = feed._file_id
                    and excluded.line_number = feed._line_number
        """
    return {
        name: connection.execute(
            "select count(*), coalesce(cast(sum(hash(found)) as hugeint), 0) "
            f"from ({source}) as found"
        ).fetchall()[0]
        for name, source in sources.items()
    }


def few_of_each_kind(landing: Path) -> list[Path]:
    """The last files of each kind, and all that name customers."""
    kinds: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(path for path in landing.rglob("*") if path.is_file()):
        name = path.relative_to(landing)
        kinds[re.sub(r"\d", "", str(name))].append(name)
    return [
        name
        for kind, names in kinds.items()
        for name in names[0 if kind.startswith(WHOLE_KINDS) else -FILES_OF_EACH_KIND :]
    ]


@pytest.fixture(scope="module")
def hashes_of(
    simulated_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[list[list[Path]]], Hashes]:
    """Deliver load by load into a new house and hash what counts at the end."""

    def run(loads: list[list[Path]]) -> Hashes:
        home = tmp_path_factory.mktemp("delivered")
        house = Settings(home=home)
        with duckdb.connect(str(home / "raw.duckdb")) as connection:
            connection.execute("set enable_progress_bar = false")
            for number, load in enumerate(loads):
                for name in load:
                    (home / "landing" / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(simulated_home / "landing" / name, home / "landing" / name)
                    os.utime(home / "landing" / name, (0, number))
                load_landed_files(
                    connection,
                    landing=home / "landing",
                    mappings=load_mappings(simulated_home / "mappings"),
                    work=home / "work",
                    on_progress=lambda text: None,
                )
                resolve_identities(
                    connection, seeds=house.dbt_project / "seeds", now=datetime(2024, 6, number + 1)
                )
            write_contacts(connection, require_key(connection, house.privacy_key))
            return hashes(connection)

    return run


def test_whatever_order_files_come_in_the_same_rows_count(
    simulated_home: Path, hashes_of: Callable[[list[list[Path]]], Hashes]
) -> None:
    files = few_of_each_kind(simulated_home / "landing")
    expected = hashes_of([files])
    order = random.Random(3).sample(files, len(files))
    # Of the first half a part comes again with the second, under the same name and a new time.
    found = hashes_of([order[::2], order[1::2] + order[:40:2]])
    assert {name for name in expected if found[name] != expected[name]} == set()
    assert {feed for feed in load_contracts() if expected[feed][0] == 0} == set()
    assert min(expected["links"][0], expected["household"][0], expected["contact"][0]) > 50
