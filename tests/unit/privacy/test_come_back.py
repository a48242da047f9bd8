"""An erased person is found under another number: all is built anew, and no older build stays."""

from types import SimpleNamespace

import duckdb
from small_house import CUSTOMERS, ask, load, run

from pipelines.privacy.come_back import remove_outdated_builds, withdraw_outdated
from pipelines.warehouse.state import vouch


def publish(settings, *build_ids: str) -> None:
    """Builds that readers open, and the state by which the next night goes on from the last one."""
    for build_id in build_ids:
        (settings.published / "builds" / build_id).mkdir(parents=True)
    current = settings.published / "current"
    current.unlink(missing_ok=True)
    current.symlink_to(f"builds/{build_ids[-1]}")
    build = SimpleNamespace(build_id=build_ids[-1])
    vouch(settings.warehouse_database, build=build, version="1", sha256="", feed_versions={})


def outdated(settings) -> bool:
    with duckdb.connect(str(settings.raw_database)) as connection:
        return withdraw_outdated(connection, settings)


def test_what_was_built_with_the_person_is_built_anew_and_removed(loaded, deliver):
    run(loaded)
    deliver("sales_2026-01-06.csv", "S1,1,1,1,A,1,2.50,W1", "S1,1,2,1,A,1,2.50,W2")
    load(loaded)
    publish(loaded, "000001", "000002")
    vouched = {path.name for path in loaded.home.iterdir()}
    assert not outdated(loaded), "nobody knows yet who W1 is"
    assert remove_outdated_builds(loaded) == 0
    record = "web;W1;Müller;kim@example.org;;;2025-06-01T00:00:00;;\n"
    deliver("customers_2026-01-07.csv", content=(CUSTOMERS + record).encode("cp1252"))
    load(loaded)
    assert ask(
        loaded,
        "select customer_ref from feeds.pos_line where _file_id > 4 order by 1",
    ) == [("W2",), ("erased",)]
    for name in ("sales_2026-01-06.csv", "customers_2026-01-07.csv"):
        assert "W1" not in (loaded.landing / name).read_text(encoding="cp1252")
    assert {path.name for path in loaded.home.iterdir()} == vouched
    assert outdated(loaded)
    assert vouched - {path.name for path in loaded.home.iterdir()} == {"warehouse.state.json"}
    load(loaded)
    assert outdated(loaded), "also when the night stopped before it had built anything"
    publish(loaded, "000003")
    assert remove_outdated_builds(loaded) == 2
    assert [path.name for path in (loaded.published / "builds").iterdir()] == ["000003"]
    assert not outdated(loaded)
