"""What is built anew when an erased person is found under another number in rows of before.

The warehouse was built with them, and no changed file tells it so; published builds hold them too.
Both is remembered until it is done, since a night may stop in between.
"""

import duckdb

from pipelines.publishing.builds import remove_old
from pipelines.settings import Settings
from pipelines.sql import fetch_one
from pipelines.warehouse.state import withdraw


def withdraw_outdated(connection: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """See to it that a warehouse with erased people in it is built anew as a whole.

    Args:
        connection: A connection on raw.duckdb, after `tombstones.keep_out`.
        settings: The house.

    Returns:
        Whether it is.
    """
    if not _is_outdated(connection):
        return False
    withdraw(settings.warehouse_database)
    return True


def remove_outdated_builds(settings: Settings) -> int:
    """Remove the builds of before, once one without the person is published; returns how many."""
    with duckdb.connect(str(settings.raw_database)) as connection:
        if not _is_outdated(connection):
            return 0
        removed = remove_old(settings.published, keep_builds=1)
        connection.execute("delete from privacy.outdated_build")
    return removed


def _is_outdated(connection: duckdb.DuckDBPyConnection) -> bool:
    (count,) = fetch_one(connection, "select count(*) from privacy.outdated_build")
    return bool(count)
