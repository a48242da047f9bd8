"""``meta.restatement``: numbers that stood in a published build and that a later build changed.

A number counts as published once its period had ended by the last business date of the build that
said it; what a running week gains every night is no restatement. The log is handed on from build to
build, since no rerun of a night could find again what readers saw before it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.publishing.evidence import create_described_table
from pipelines.publishing.watched import WATCHED_MARTS, WatchedMart
from pipelines.sql import fetch_one, literal

MAXIMUM_FILES = 5
"""Files that are named as the cause of one change; the number of the others follows."""

COLUMNS = (
    ("build_id", "varchar not null", "Build that changed the number."),
    ("published_at", "timestamptz not null", "When that build was published."),
    ("mart_name", "varchar not null", "Mart that holds the number, as schema.table."),
    ("row_key", "varchar not null", "The row's key, as column=value, separated by commas."),
    ("period_end_date", "date not null", "Last day that the number is about."),
    ("metric_name", "varchar not null", "Column of the number."),
    ("old_value", "decimal(38,4)", "What the build before said; NULL where it had no such row."),
    ("new_value", "decimal(38,4)", "What the build says; NULL where it has no such row any more."),
    (
        "cause",
        "varchar not null",
        "Files of these days that came in between, changed links of customers, and retention.",
    ),
)
COMMENT = "Published numbers that a later build changed: one row per build, mart, key and metric."


def write_restatements(
    connection: duckdb.DuckDBPyConnection,
    *,
    previous: Path | None,
    raw: Path,
    build_id: str,
    published_at: datetime,
) -> int:
    """Write ``meta.restatement`` into a build that nobody sees yet.

    Args:
        connection: To the build's database file; it holds ``meta.run`` already.
        previous: The database file of the build that readers have now, if any.
        raw: raw.duckdb, whose ledgers name files that came and links that changed in between.
        build_id: The build's id.
        published_at: When it is published.

    Returns:
        How many numbers the build changes.
    """
    create_described_table(connection, "meta.restatement", COLUMNS, COMMENT)
    if previous is None:
        return 0
    connection.execute(f"attach {literal(str(previous))} as previous (read_only)")
    connection.execute(f"attach {literal(str(raw))} as raw (read_only)")
    return _compare(connection, build_id, published_at)


def _compare(connection: duckdb.DuckDBPyConnection, build_id: str, published_at: datetime) -> int:
    if _columns(connection, "meta.restatement"):
        connection.execute("insert into meta.restatement from previous.meta.restatement")
    last_file = "max(last_file_id)" if "last_file_id" in _columns(connection, "meta.run") else "0"
    connection.execute(
        f"""
        create temp table previous_build as
        select
            (select coalesce({last_file}, 0) from previous.meta.run) as last_file_id,
            (select max(business_date) from previous.core.fct_sales) as last_business_date
        """
    )
    connection.execute(
        """
        create temp table late_file as
        select file_date.business_date, file.file_name
        from raw.ledger.file_date
        inner join raw.ledger.file using (file_id)
        where file.file_id > (select last_file_id from previous_build) and file.status = 'loaded'
        """
    )
    published = (
        "max(published_at)" if "published_at" in _columns(connection, "meta.run") else "null"
    )
    # A record that had a link before and has another one now; new records restate nothing.
    connection.execute(
        f"""
        create temp table identity_change as
        select
            'identity: ' || count(distinct (source_system, source_id))
            || ' source record(s) linked anew' as cause
        from raw.identity.xref_customer_identity
        where unlinked_at > (
            select cast({published} at time zone 'UTC' as timestamp) from previous.meta.run
        )
        having count(*) > 0
        """
    )
    connection.execute(
        f"""
        create temp table relinked_customer as
        select distinct customer_id
        from raw.identity.xref_customer_identity
        where unlinked_at > (
            select cast({published} at time zone 'UTC' as timestamp) from previous.meta.run
        )
        """
    )
    connection.execute(
        f"""
        create temp table retention_change as
        select 'retention: receipts of older weeks are kept no longer' as cause
        from raw.retention.run
        where begun_at > (select {published} from previous.meta.run)
        having count(*) > 0
        """
    )
    (handed_on,) = fetch_one(connection, "select count(*) from meta.restatement")
    for mart in WATCHED_MARTS:
        if mart.needs() <= _columns(connection, mart.table):
            connection.execute(_insert(mart), [build_id, published_at])
    (held,) = fetch_one(connection, "select count(*) from meta.restatement")
    return int(held) - int(handed_on)


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    """Columns of a table of the build before; empty where that build had no such table."""
    schema, name = table.split(".")
    rows = connection.execute(
        "select column_name from duckdb_columns() "
        "where database_name = 'previous' and schema_name = ? and table_name = ?",
        [schema, name],
    ).fetchall()
    return {row[0] for row in rows}


def _insert(mart: WatchedMart) -> str:
    """SQL that logs what changed of a mart; all its metrics in one reading of both builds."""
    keys = ", ".join(mart.keys)
    row_key = ", ".join(f"'{key}=' || {key}" for key in mart.keys)
    values = ", ".join(f"cast({metric} as decimal(38,4)) as {metric}" for metric in mart.metrics)
    side = (
        f"select {keys}, {mart.first_date} as first_date, {mart.last_date} as last_date, {values}"
        " from"
    )
    pairs = ", ".join(
        f"{{'metric_name': {literal(name)}, 'old_value': old.{name}, 'new_value': new.{name}}}"
        for name in mart.metrics
    )
    differs = " or ".join(f"old.{metric} is distinct from new.{metric}" for metric in mart.metrics)
    identity_cause = "(select cause from identity_change)" if mart.is_by_customer else "null"
    return f"""
        insert into meta.restatement
        with compared as (
            select
                {keys},
                coalesce(new.first_date, old.first_date) as first_date,
                coalesce(new.last_date, old.last_date) as last_date,
                unnest([{pairs}], recursive := true)
            from ({side} {mart.rows("previous.", "")}) as old
            full join ({side} {mart.rows("", "previous.")}) as new using ({keys})
            where
                ({differs})
                and coalesce(new.last_date, old.last_date)
                <= (select last_business_date from previous_build)
        ),
        changed as (
            select * from compared where old_value is distinct from new_value
        ),
        cause as (
            select first_date, last_date, list(distinct file_name order by file_name) as files
            from (select distinct first_date, last_date from changed) as span
            inner join late_file on late_file.business_date between first_date and last_date
            group by all
        )
        select
            ?, ?, {literal(mart.table)}, concat_ws(', ', {row_key}), last_date, metric_name,
            old_value, new_value,
            coalesce(
                nullif(
                    concat_ws(
                        '; ',
                        array_to_string(files[:{MAXIMUM_FILES}], ', ')
                        || case
                            when len(files) > {MAXIMUM_FILES}
                                then ' and ' || (len(files) - {MAXIMUM_FILES}) || ' more'
                            else ''
                        end,
                        {identity_cause},
                        case when new_value is null then (select cause from retention_change) end
                    ),
                    ''
                ),
                'no file of these days: masters or models changed'
            )
        from changed
        left join cause using (first_date, last_date)
        """
