"""A night builds what comes from feeds that changed."""

import duckdb
import pytest

from pipelines.feeds.ledger import insert_files
from pipelines.feeds.raw_tables import create_tables
from pipelines.warehouse.selection import ALWAYS_BUILT, feed_versions, selection

NOW = {"pos_line": "a", "item": "b", "promo_coverage": "c"}


@pytest.mark.parametrize(
    ("built_from", "has_changed_dates", "feeds"),
    [
        (NOW, False, []),
        ({**NOW, "item": "old"}, False, ["item"]),
        ({**NOW, "store": "gone since"}, False, ["store"]),
        ({"pos_line": "a", "promo_coverage": "c"}, False, ["item"]),
        # Days to replace: every feed that their facts come from, of those that were delivered.
        (NOW, True, ["pos_line", "promo_coverage"]),
        ({**NOW, "item": "old"}, True, ["item", "pos_line", "promo_coverage"]),
    ],
)
def test_what_changed_is_built(built_from, has_changed_dates, feeds):
    options = selection(built_from, NOW, has_changed_dates=has_changed_dates)
    assert options == ["--select", *(f"source:raw.{feed}+" for feed in feeds), *ALWAYS_BUILT]


def test_links_that_changed_are_followed_as_a_feed_is():
    now = {**NOW, "identity.household": "d"}
    options = selection(NOW, now, has_changed_dates=False)
    assert options == ["--select", "source:identity.household+", *ALWAYS_BUILT]


def test_links_and_hashes_have_a_new_version_when_one_that_stands_changes(tmp_path):
    path = tmp_path / "raw.duckdb"

    def version(statement, table, schema="identity"):
        with duckdb.connect(str(path)) as connection:
            connection.execute(statement)
        return feed_versions(path).get(f"{schema}.{table}")

    with duckdb.connect(str(path)) as connection:
        create_tables(connection)
    link = (
        "insert into identity.xref_customer_identity (source_system, source_id, customer_id, "
        "linked_at, unlinked_at) values ('crm', '{}', 'P1', now(), {})"
    )
    first = version(link.format("A", "null"), "xref_customer_identity")
    second = version(link.format("B", "null"), "xref_customer_identity")
    ended = version(link.format("C", "now()"), "xref_customer_identity")
    household = version(
        "insert into identity.household values ('P1', 'H1', 'r', '1900-01-01', '9999-12-31')",
        "household",
    )
    moved = version("update identity.household set valid_from_date = '2024-01-01'", "household")
    named = "insert into privacy.customer_contact (source_system, source_id, name_token) "
    token = version(named + "values ('crm', 'A', 'aa')", "customer_hash", "privacy")
    other = version(
        "update privacy.customer_contact set name_token = 'bb'", "customer_hash", "privacy"
    )
    assert len({None, token, other}) == 3
    assert None not in (first, household, moved)
    assert household != moved
    assert first != second
    assert second == ended


def test_without_a_base_everything_is_built():
    assert selection(None, NOW, has_changed_dates=False) == []


def test_a_feed_has_a_new_version_when_a_file_comes_changes_or_goes(tmp_path):
    path = tmp_path / "raw.duckdb"

    def version(*changes):
        with duckdb.connect(str(path)) as connection:
            for statement in changes:
                connection.execute(statement)
        return feed_versions(path).get("item")

    with duckdb.connect(str(path)) as connection:
        create_tables(connection)
    assert feed_versions(path) == {}
    entry = {"feed": "item", "status": "loaded", "name_values": "", "mapping_version": "m"}
    with duckdb.connect(str(path)) as connection:
        insert_files(connection, [{**entry, "file_id": 1, "sha256": "x"}])
    first = version()
    with duckdb.connect(str(path)) as connection:
        insert_files(connection, [{**entry, "file_id": 2, "sha256": "y"}])
    second = version()
    remapped = version("update ledger.file set mapping_version = 'n' where file_id = 2")
    gone = version("update ledger.file set status = 'superseded' where file_id = 2")
    assert len({None, first, second, remapped}) == 4
    assert gone == first
