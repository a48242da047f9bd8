"""Ends what is kept for a time: rows, landed files, warehouse and published builds.

Sales become weekly sums without customer, receipt and employee before their rows go, so no total
moves. Every step can be done again, and a run that was stopped is finished by the next one.
"""

from collections.abc import Callable, Iterable

import duckdb

from pipelines.feeds.contract import CONTRACTS
from pipelines.feeds.kept import keep, open_raw
from pipelines.privacy.closed_weeks import close_weeks
from pipelines.privacy.compact import write_anew
from pipelines.privacy.expired_files import cut, files_left_whole, has_files_to_cut
from pipelines.privacy.expiry import (
    Purged,
    count_released,
    mark_looked_through,
    release_held,
    take_out,
)
from pipelines.privacy.person import SOURCE_PRIORITY
from pipelines.privacy.retention_policy import POLICY, Rule, read_policy
from pipelines.publishing.builds import current_build, remove_old
from pipelines.settings import Settings
from pipelines.sql import fetch_one, literal, transaction
from pipelines.warehouse.selection import feed_versions
from pipelines.warehouse.state import is_current, models_version, withdraw
from pipelines.warehouse.target import refuse_spark

RECORDS = {
    "sales_week": "fiscal_week_start_date",
    "sales_day": "cast(business_date - cast(dayofweek(business_date) as integer) as date)",
}
"""What is kept of rolled weeks, as table of the schema `retention`, with SQL of a row's week. The
rows are those of `core.fct_<table>`."""


class RetentionUnfinished(RuntimeError):
    """A step could not be done; the message says what stands in the way. Run it again then."""


def retain(
    settings: Settings,
    *,
    rebuild: Callable[[], str | None],
    on_step: Callable[[str], None] = lambda step: None,
) -> list[Purged]:
    """Take out of the house what is kept no longer, by the seed `retention`.

    The caller holds the writer's lock.

    Args:
        settings: The house.
        rebuild: Builds and publishes the warehouse; says in words what stopped it.
        on_step: Called with the name of each step before it begins.

    Returns:
        The rows that were taken out; none where nothing has expired, and then nothing is changed.

    Raises:
        PolicyError: When a rule of the seed cannot be followed.
        RetentionUnfinished: When a step could not be done.
        TargetIsSpark: When the warehouse is not a file of the house; nothing is done then.
    """
    refuse_spark(settings)
    rules = read_policy(settings.dbt_project / POLICY)
    with open_raw(settings) as connection:
        if not _has_work(connection, settings, rules):
            return []
        closes_sales = _closes_sales(connection, rules)
    if closes_sales and not _is_current(settings):
        on_step("warehouse of today")
        _build(rebuild)
        with open_raw(settings) as connection:
            closes_sales = _closes_sales(connection, rules)
        if closes_sales and not _is_current(settings):
            raise RetentionUnfinished(
                "the warehouse is not of today, so the sums would not be either"
            )
    on_step("rows")
    # First: a warehouse of before must not be gone on from when this is stopped half-way.
    withdraw(settings.warehouse_database)
    with open_raw(settings) as connection:
        purged = _take_out_rows(connection, settings, rules, closes_sales=closes_sales)
        keep(connection, settings.kept)
        on_step("landed files")
        cut(connection, settings)
    on_step("raw.duckdb")
    write_anew(settings.raw_database)
    on_step("warehouse")
    _build(rebuild)
    on_step("published builds")
    if current_build(settings.published):
        remove_old(settings.published, keep_builds=1)
    with open_raw(settings) as connection:
        connection.execute("update retention.run set finished_at = now() where finished_at is null")
    return purged


def preview(settings: Settings) -> list[Purged]:
    """What `retain` would take out now; nothing is changed."""
    rules = read_policy(settings.dbt_project / POLICY)
    with open_raw(settings) as connection:
        return _expired(connection, settings, rules)


def left_whole(settings: Settings) -> list[str]:
    """Landed files with records of closed weeks that only their sender can write anew."""
    with open_raw(settings) as connection:
        return files_left_whole(connection, settings)


def _build(rebuild: Callable[[], str | None]) -> None:
    if why := rebuild():
        raise RetentionUnfinished(f"the warehouse could not be built: {why}")


def _expired(
    connection: duckdb.DuckDBPyConnection, settings: Settings, rules: Iterable[Rule]
) -> list[Purged]:
    connection.execute("begin")
    try:
        _close(connection, rules)
        return take_out(connection, settings.dbt_project / SOURCE_PRIORITY)
    finally:
        connection.execute("rollback")


def _has_work(
    connection: duckdb.DuckDBPyConnection, settings: Settings, rules: Iterable[Rule]
) -> bool:
    if _expired(connection, settings, rules):
        return True
    (unfinished,) = fetch_one(
        connection, "select count(*) from retention.run where finished_at is null"
    )
    return bool(unfinished or count_released(connection) or has_files_to_cut(connection, settings))


def _closes_sales(connection: duckdb.DuckDBPyConnection, rules: Iterable[Rule]) -> bool:
    connection.execute("begin")
    try:
        close_weeks(connection, rules)
        (closing,) = fetch_one(connection, "select count(*) from closing_week")
    finally:
        connection.execute("rollback")
    return bool(closing)


def _is_current(settings: Settings) -> bool:
    return is_current(
        settings.warehouse_database,
        settings.published,
        version=models_version(settings.dbt_project, CONTRACTS),
        feed_versions=feed_versions(settings.raw_database),
    )


def _close(connection: duckdb.DuckDBPyConnection, rules: Iterable[Rule]) -> None:
    close_weeks(connection, rules)
    connection.execute("insert into retention.rolled_week from closing_week")


def _take_out_rows(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    rules: Iterable[Rule],
    *,
    closes_sales: bool,
) -> list[Purged]:
    """Sums, closed weeks and rows change in one transaction: none of them is right alone."""
    if closes_sales:
        place = literal(str(settings.warehouse_database))
        connection.execute(f"attach {place} as warehouse (read_only)")
    with transaction(connection):
        _close(connection, rules)
        if closes_sales:
            _write_sums(connection)
        purged = take_out(connection, settings.dbt_project / SOURCE_PRIORITY)
        release_held(connection)
        mark_looked_through(connection)
        connection.execute(
            "insert into retention.run select max(as_of_date), now(), null from retention.kept_from"
        )
    return purged


def _write_sums(connection: duckdb.DuckDBPyConnection) -> None:
    strangers = connection.execute(
        "select distinct store_id from closing_week "
        "where store_id not in (select store_id from warehouse.core.dim_store) order by 1"
    ).fetchall()
    if strangers:
        raise RetentionUnfinished(
            f"the warehouse has other names for {len(strangers)} store(s), so their sums would be "
            f"lost: {strangers[0][0]!r}"
        )
    for table, week in RECORDS.items():
        columns = connection.execute(
            "select string_agg(column_name, ', ') from duckdb_columns() "
            "where schema_name = 'retention' and table_name = ?",
            [table],
        ).fetchall()[0][0]
        connection.execute(
            f"""
            insert into retention.{table} by name
            select {columns} from warehouse.core.fct_{table}
            where (store_id, {week}) in (
                select (store_id, fiscal_week_start_date) from closing_week
            )
            """
        )
    connection.execute(
        """
        create or replace temp table acquired as
        select customer_ref, min(acquired_date) as acquired_date
        from (
            from retention.acquisition
            union all
            select line.customer_ref, line.business_date
            from warehouse.core.fct_sales as line
            inner join closing_week
                on
                    line.store_id = closing_week.store_id
                    and line.business_date between fiscal_week_start_date
                    and fiscal_week_start_date + 6
            where line.customer_key > 0 and line.line_type = 'sale' and line.quantity > 0
        )
        group by customer_ref
        """
    )
    connection.execute("delete from retention.acquisition")
    connection.execute("insert into retention.acquisition from acquired")
