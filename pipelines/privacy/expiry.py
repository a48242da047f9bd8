"""How the rows of closed weeks leave raw.duckdb, and what is kept of them all the same."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.feeds.contract import Contract
from pipelines.privacy.closed_weeks import PLACES, UNKNOWN_COUNTRY, expiring_contracts, week_start
from pipelines.privacy.legal_hold import held_names
from pipelines.privacy.retention_policy import SALES
from pipelines.sql import fetch_one, literal, quote, transaction

RECEIPT = ("store_id", "workstation_id", "transaction_seq", "business_date")


@dataclass(frozen=True, kw_only=True)
class Purged:
    """Rows of a feed, country and fiscal week that are kept no longer."""

    entity: str
    feed: str
    country: str
    fiscal_week_start_date: date
    row_count: int
    held_row_count: int


def take_out(
    connection: duckdb.DuckDBPyConnection,
    priorities: Path,
    *,
    after_file: int = 0,
    is_late: bool = False,
) -> list[Purged]:
    """Take the rows of closed weeks out of the feeds, in the caller's transaction.

    Rows of customers under legal hold go to `retention.held_row`, where no model reads them. Of
    files that lost rows the texts in quarantine go too: what is not sound has no date. A file of
    which no row was sound is as old as its loading.

    Args:
        connection: A writing connection on raw.duckdb.
        priorities: The seed of source systems, by which a hold finds the customer's numbers.
        after_file: Rows of files up to this one are not looked at.
        is_late: Whether the rows came after their week had been closed.

    Returns:
        What was taken out, as it is logged.
    """
    connection.execute(PLACES)
    _write_held_names(connection, priorities)
    connection.execute(
        "create or replace temp table purged_row ("
        "feed text, entity text, file_id bigint, line_number bigint, row_date date, country text, "
        "customers text[])"
    )
    for contract in expiring_contracts():
        connection.execute(_find(contract), {"after_file": after_file})
        feed = literal(contract.feed)
        # As texts: a number of JSON need not keep the cents.
        values = ", ".join(
            f"{literal(c.name)}: cast(feed_row.{quote(c.name)} as varchar)"
            for c in contract.columns
        )
        connection.execute(
            f"""
            insert into retention.held_row
            select feed, row_date, customers, to_json({{{values}}}) as content
            from {contract.table} as feed_row
            inner join purged_row
                on feed = {feed} and _file_id = file_id and _line_number = line_number
            where
                customers is not null
                and (feed, content) not in (select (feed, content) from retention.held_row)
            """
        )
        connection.execute(
            f"delete from {contract.table} where (_file_id, _line_number) in "
            f"(select (file_id, line_number) from purged_row where feed = {feed})"
        )
    if is_late:
        connection.execute(
            """
            update ledger.file set warning = concat_ws(
                '; ', file.warning, late.row_count || ' row(s) of closed weeks are not kept'
            )
            from (select file_id, count(*) as row_count from purged_row group by all) as late
            where file.file_id = late.file_id
            """
        )
    connection.execute(
        """
        update quarantine.row
        set raw_text = null, reasons = regexp_replace(reasons, '''[^'']*''', '''...''', 'g')
        where
            file_id in (select file_id from purged_row)
            or file_id in (
                select file.file_id
                from ledger.file
                inner join ledger.feed using (feed)
                inner join (
                    select entity, min(kept_from_date) as kept_from_date
                    from retention.kept_from group by entity
                ) as kept on feed.retention = kept.entity
                where file.first_date is null and cast(file.loaded_at as date) < kept_from_date
            )
        """
    )
    rows = connection.execute(
        f"""
        select
            entity, feed, country, {week_start("row_date")}, count(*), count(customers)
        from purged_row group by all order by all
        """
    ).fetchall()
    connection.execute(
        f"""
        insert into retention.purge_log
        select
            entity, feed, country, {week_start("row_date")}, count(*), count(customers), $is_late,
            (select max(as_of_date) from retention.kept_from), now()
        from purged_row group by all
        """,
        {"is_late": is_late},
    )
    return [
        Purged(
            entity=entity,
            feed=feed,
            country=country,
            fiscal_week_start_date=week,
            row_count=count,
            held_row_count=held,
        )
        for entity, feed, country, week, count, held in rows
    ]


def keep_closed_weeks_out(connection: duckdb.DuckDBPyConnection, priorities: Path) -> int:
    """Take out of what was loaded since the last time the rows of weeks that are closed.

    Args:
        connection: A writing connection on raw.duckdb.
        priorities: The seed of source systems.

    Returns:
        How many rows came too late.
    """
    (last,) = fetch_one(connection, "select coalesce(max(file_id), 0) from ledger.file")
    (seen,) = fetch_one(
        connection, "select coalesce(max(file_id), 0) from retention.looked_through"
    )
    (closed,) = fetch_one(
        connection,
        "select (select count(*) from retention.kept_from) "
        "+ (select count(*) from retention.rolled_week)",
    )
    if last == seen or not closed:
        return 0
    with transaction(connection):
        late = take_out(connection, priorities, after_file=int(seen), is_late=True)
        mark_looked_through(connection)
    return sum(purged.row_count for purged in late)


def mark_looked_through(connection: duckdb.DuckDBPyConnection) -> None:
    """Remember that every file of today was looked through."""
    connection.execute("delete from retention.looked_through")
    connection.execute("insert into retention.looked_through select max(file_id) from ledger.file")


def release_held(connection: duckdb.DuckDBPyConnection) -> int:
    """Delete the rows that nobody has to keep any more; returns how many."""
    (count,) = fetch_one(connection, f"delete from retention.held_row where {_IS_RELEASED}")
    return int(count)


def count_released(connection: duckdb.DuckDBPyConnection) -> int:
    """Rows that are held though nobody has to keep them any more."""
    (count,) = fetch_one(
        connection, f"select count(*) from retention.held_row where {_IS_RELEASED}"
    )
    return int(count)


_IS_RELEASED = """
    not list_has_any(
        customers,
        (
            select coalesce(list(customer), []) from privacy.legal_hold
            where until_date >= current_date
        )
    )
"""


def _write_held_names(connection: duckdb.DuckDBPyConnection, priorities: Path) -> None:
    """Temp tables: the numbers of customers under hold, and the receipts that name them."""
    connection.execute("create or replace temp table held_name (customer text, name text)")
    held = held_names(connection, priorities)
    connection.execute(
        "insert into held_name select unnest($1), unnest($2)",
        [[customer for customer, _ in held], [name for _, name in held]],
    )
    receipts = " union ".join(
        f"select customer, {', '.join(RECEIPT)} from {contract.table} "
        f"inner join held_name on name = {column.name}"
        for contract in expiring_contracts()
        if _is_of_receipt(contract)
        for column in contract.customer_columns
    )
    connection.execute(f"create or replace temp table held_receipt as {receipts}")


def _is_of_receipt(contract: Contract) -> bool:
    return set(RECEIPT) <= {column.name for column in contract.columns}


def _find(contract: Contract) -> str:
    """Insert a feed's rows of closed weeks into `purged_row`."""
    names = {column.name for column in contract.columns}
    row_date = f"cast(feed_row.{contract.dates[0]} as date)"
    places, joins = [], []
    if "store_id" in names:
        places.append("store_country.country")
        joins.append("left join store_country on feed_row.store_id = store_country.store_id")
    for column in contract.customer_columns:
        place = f"country_of_{column.name}"
        places.append(f"{place}.country")
        joins.append(
            f"left join customer_country as {place} "
            f"on feed_row.{column.name} = {place}.customer_ref"
        )
    country = f"coalesce({', '.join([*places, literal(UNKNOWN_COUNTRY)])})"
    if _is_of_receipt(contract):
        same = " and ".join(f"feed_row.{name} = held_receipt.{name}" for name in RECEIPT)
        held = f"select list(distinct customer) from held_receipt where {same}"
    elif contract.customer_columns:
        named = " or ".join(f"feed_row.{c.name} = name" for c in contract.customer_columns)
        held = f"select list(distinct customer) from held_name where {named}"
    else:
        held = "select cast(null as text[])"
    if contract.retention == SALES:
        closed = (
            "inner join retention.rolled_week as closed on feed_row.store_id = closed.store_id "
            f"and {week_start(row_date)} = closed.fiscal_week_start_date"
        )
        country = "closed.country"
        joins = []
    else:
        closed = (
            f"inner join retention.kept_from as closed "
            f"on closed.entity = {literal(contract.retention or '')} "
            f"and closed.country = {country} and {row_date} < closed.kept_from_date"
        )
    return f"""
        insert into purged_row
        select
            {literal(contract.feed)}, {literal(contract.retention or "")},
            feed_row._file_id, feed_row._line_number, {row_date}, {country}, ({held})
        from {contract.table} as feed_row
        {" ".join(joins)}
        {closed}
        where feed_row._file_id > $after_file
        """
