"""An erasure that is killed, wherever it is, ends as one that nobody killed when it is run again.

Each run is a process of its own that dies by SIGKILL: nothing is closed, rolled back or tidied up.
"""

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from small_house import CUSTOMERS, DAY, ask, load, run, state

from pipelines.digest import FileDigest
from pipelines.privacy import come_back, compact, later_files, scrub, tombstones
from pipelines.privacy import erase as erasing
from pipelines.privacy import plan as planning
from pipelines.privacy.gone import Gone
from pipelines.privacy.landed_text import Rewritten
from pipelines.privacy.person import Person, UnknownCustomer
from pipelines.privacy.traces import find_traces
from pipelines.publishing import builds
from pipelines.publishing.builds import MANIFEST_NAME, PublishedBuild
from pipelines.quality.verdict import FileStamp
from pipelines.settings import Settings
from pipelines.status import read_state
from pipelines.warehouse.state import vouch

Place = tuple[str, Any, str]
"""Before or after a function, which is looked up in a module or class."""

OF_AN_ERASURE: tuple[Place, ...] = (
    ("before", planning.Path, "replace"),
    ("after", erasing, "write_plan"),
    ("after", tombstones, "write_tombstones"),
    ("after", erasing, "_write_tombstones"),
    ("after", erasing, "say_anew"),
    ("after", erasing, "tell_ledger"),
    ("before", Rewritten, "take_place"),
    ("after", Rewritten, "take_place"),
    ("after", erasing, "_rewrite_landed"),
    ("after", scrub, "unlink"),
    ("after", erasing, "_scrub_rows"),
    ("after", compact, "_tables"),
    ("before", compact.Path, "replace"),
    ("after", erasing, "_write_anew"),
    ("after", erasing, "_rebuild"),
    ("after", builds.Path, "rename"),
    ("after", erasing, "remove_old"),
    ("after", erasing, "find_traces"),
    ("before", erasing.Path, "unlink"),
)
OF_A_COME_BACK: tuple[Place, ...] = (
    ("after", tombstones, "write_tombstones"),
    ("after", later_files, "say_anew"),
    ("after", later_files, "tell_ledger"),
    ("after", Rewritten, "take_place"),
    ("after", scrub, "unlink"),
    ("after", tombstones, "mark_looked_through"),
    ("after", come_back, "withdraw"),
    ("before", come_back, "remove_old"),
    ("after", come_back, "remove_old"),
)
"""Where a run dies, in the order in which one comes by: each run dies at the next of them."""


def killed(act: Callable[[], None], when: str, owner: object, name: str) -> bool:
    """Run something in a process that kills itself at a place; whether it came there."""
    child = os.fork()
    if not child:
        whole = getattr(owner, name)

        def die(*arguments, **named):
            if when == "after":
                whole(*arguments, **named)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(owner, name, die)
        try:
            act()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def die_everywhere(
    settings: Settings, act: Callable[[Settings], None], places: tuple[Place, ...]
) -> None:
    for when, owner, name in places:
        assert killed(lambda: act(settings), when, owner, name), f"{when} {name} is not on the way"


def what_is_left(settings: Settings) -> dict[str, object]:
    """What is in the house, but for moments and for numbers of files."""
    queries = {
        "links": "select source_system, source_id from identity.xref_customer_identity",
        "quarantine": "select raw_text from quarantine.row",
        "tombstones": "select kind, identifier_hash from privacy.tombstone",
        "requests": "select * exclude (requested_date, erased_date, backup_expiry_date) "
        "from privacy.erasure_request",
        "ledger": "select file_name, sha256, mapping_version from ledger.file "
        "where status = 'loaded'",
    }
    landed = {p.name: p.read_bytes() for p in settings.landing.iterdir()}
    return {
        "rows": state(settings),
        "landing": landed,
        "builds": sorted(path.name for path in (settings.published / "builds").iterdir()),
        "partial": [p.name for p in settings.home.rglob("*") if "partial" in p.name],
        "work": sorted(path.name for path in settings.work.rglob("*")),
    } | {name: ask(settings, f"{query} order by all") for name, query in queries.items()}


def traces(settings: Settings) -> list[str]:
    """What the verification of an erasure finds of the person, the later number included."""
    records = (("crm", "C1"), ("web", "W1"))
    contacts = ("Kim@example.org", "0170 1234567")
    person = Person(
        customer="P1",
        customer_ids=("P1",),
        records=records,
        references=("W1",),
        contacts=contacts,
    )
    gone = Gone(
        records=dict.fromkeys(records, "erased"),
        references={"W1": "erased"},
        contacts=frozenset(contact.lower() for contact in contacts),
    )
    return find_traces(settings, person, gone, plan=settings.work / "no plan")


def publish(settings: Settings, *build_ids: str) -> None:
    for build_id in build_ids:
        build = PublishedBuild(
            build_id=build_id,
            directory=settings.published / "builds" / build_id,
            run_id="1",
            created_at=datetime(2026, 1, 8, tzinfo=UTC),
            sha256="",
            size_bytes=0,
            duckdb_version="",
            storage_version="",
            row_counts={},
            last_business_date=None,
        )
        build.directory.mkdir(parents=True)
        said = {name: value for name, value in asdict(build).items() if name != "directory"}
        (build.directory / MANIFEST_NAME).write_text(json.dumps(said, default=str))
        if build_id != build_ids[-1]:
            (build.directory / "tillhouse.json").write_text("sold to Kim@example.org")
    (settings.published / "current").unlink(missing_ok=True)
    (settings.published / "current").symlink_to(f"builds/{build_ids[-1]}")


def is_outdated(settings: Settings) -> bool:
    with duckdb.connect(str(settings.raw_database)) as connection:
        return come_back.withdraw_outdated(connection, settings)


def night(settings: Settings) -> None:
    """A night in which somebody comes back, but for what is built then."""
    load(settings)
    is_outdated(settings)
    if not (settings.published / "builds" / "000003").exists():
        publish(settings, "000003")
    come_back.remove_outdated_builds(settings)


@pytest.fixture
def two_houses(loaded, tmp_path):
    """The small house, one of its files under a manifest, with two builds; and the same again."""
    sales = loaded.landing / f"sales_{DAY}.csv"
    said = {
        "file": sales.name,
        "feed": "pos_line",
        "row_count": 4,
        "sha256": hashlib.sha256(sales.read_bytes()).hexdigest(),
    }
    (loaded.landing / "manifest.json").write_text(json.dumps({"files": [said]}), encoding="utf-8")
    load(loaded)
    publish(loaded, "000001", "000002")
    other = loaded.model_copy(update={"home": tmp_path / "other"})
    shutil.copytree(loaded.home, other.home, symlinks=True)
    return loaded, other


def test_who_is_erased_and_who_comes_back_goes_wherever_a_run_was_killed(two_houses):
    house, whole = two_houses
    die_everywhere(house, run, OF_AN_ERASURE)
    assert read_state(house).unfinished_erasures == ("E000001",)
    run(house, "C1")
    run(whole)
    assert what_is_left(house) == what_is_left(whole)
    assert read_state(house).unfinished_erasures == ()
    with pytest.raises(UnknownCustomer, match="P1 was erased on 20"):
        run(house)

    # The person under another number, on sales that were built and published already.
    header, record = "store,till,receipt,line,item,qty,amount,card", "2025-06-01T00:00:00;;\n"
    for settings in two_houses:
        sales = f"{header}\nS1,1,1,1,A,1,2.50,W1\nS1,1,2,1,A,1,2.50,W2\n"
        (settings.landing / "sales_2026-01-06.csv").write_text(sales)
        load(settings)
        vouch(
            settings.warehouse_database,
            build=SimpleNamespace(build_id="000002"),
            version="1",
            rules_version="1",
            verdict=SimpleNamespace(
                warehouse_stamp=FileStamp(size_bytes=0, modified_ns=0),
                warehouse_digest=FileDigest(size_bytes=0, parts=(), seals=()),
            ),
            feed_versions={},
        )
        assert not is_outdated(settings), "nobody knows yet who W1 is"
        assert come_back.remove_outdated_builds(settings) == 0
        customers = f"{CUSTOMERS}web;W1;Müller;kim@example.org;;;{record}".encode("cp1252")
        (settings.landing / "customers_2026-01-07.csv").write_bytes(customers)
    vouched = {path.name for path in house.home.iterdir()}
    die_everywhere(house, night, OF_A_COME_BACK)
    night(house)
    night(whole)
    assert what_is_left(house) == what_is_left(whole)
    assert vouched - {path.name for path in house.home.iterdir()} == {"warehouse.state.json"}
    assert [path.name for path in (house.published / "builds").iterdir()] == ["000003"]
    references = "select customer_ref from feeds.pos_line where transaction_seq < 3"
    for settings in two_houses:
        assert ask(settings, f"{references} and customer_ref like 'W%'") == [("W2",)]
        assert not is_outdated(settings)
        assert [p for p in settings.landing.iterdir() if b"W1" in p.read_bytes()] == []
        assert traces(settings) == []
