"""Which business dates a build must replace: a comparison of states, not a memory of events.

The ledger knows from which files a date is made now, the warehouse from which it was made. Where
they differ the facts are replaced; so it does not matter how many runs failed in between. The same
goes for versions of members, see `history`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.sql import fetch_one
from pipelines.warehouse.history import write_changed_versions
from pipelines.window import Window


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How many business dates a build replaces.

    Attributes:
        fact_date_count: Dates whose facts are replaced.
        attribute_date_count: Further dates on which only an attribute changed by which marts group,
            so that these are replaced and facts are not.
    """

    fact_date_count: int
    attribute_date_count: int


def write_changes(
    raw_database: Path,
    warehouse: Path,
    window: Window,
    *,
    changed_feeds: Collection[str] | None = None,
) -> Changes:
    """Fill `ledger.changed_business_date` for the coming build.

    Args:
        raw_database: raw.duckdb, with a ledger.
        warehouse: The warehouse as it stands; where it is missing every date has changed.
        window: Dates to replace even when nothing changed.
        changed_feeds: Feeds that changed since the warehouse was built; None when that is not
            known, so that versions of all dimensions are compared.
    """
    with duckdb.connect(str(raw_database)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("begin")
        connection.execute("delete from ledger.changed_business_date")
        if warehouse.exists():
            connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
            _write_differences(connection, window)
            write_changed_versions(connection, changed_feeds)
            connection.execute(_STANDING_CONSENT)
            connection.execute(_STANDING_DAY_CUSTOMER)
            connection.execute(_CUSTOMER_MONTH_INPUT)
            connection.execute(_STORE_PERFORMANCE_INPUT)
            connection.execute(_CUSTOMER_MONTH_CHANGE)
            connection.execute(_LEFT_DATES)
        else:
            connection.execute(
                "insert into ledger.changed_business_date "
                "select business_date, true from ledger.business_day"
            )
        counts = fetch_one(
            connection,
            """
            select
                count(*) filter (where is_fact_changed),
                count(*) filter (where not is_fact_changed)
            from ledger.changed_business_date
            """,
        )
        connection.execute("commit")
    return Changes(fact_date_count=counts[0], attribute_date_count=counts[1])


def _write_differences(connection: duckdb.DuckDBPyConnection, window: Window) -> None:
    connection.execute(
        """
        insert into ledger.changed_business_date
        select coalesce(now_day.business_date, then_day.business_date), true
        from ledger.business_day as now_day
        full join warehouse.meta.business_day as then_day using (business_date)
        where now_day.source_version is distinct from then_day.source_version
            or coalesce(now_day.business_date, then_day.business_date) between ? and ?
        """,
        [window.first, window.last],
    )


_STANDING_CONSENT = """
    create or replace table history.standing_consent as
    select
        consent.customer_id, customer.household_id, consent.consent_purpose,
        consent.consent_status, consent.is_current
    from warehouse.core.dim_consent as consent
    left join warehouse.core.dim_customer as customer
        on consent.customer_id = customer.customer_id and customer.is_current
    where consent.is_current and consent.consent_purpose = 'profiling'
"""
"""Who had said what on profiling, and of which household: an objection changes marts of dates on
which nothing else did."""

_STANDING_DAY_CUSTOMER = """
    create or replace table history.standing_day_customer as
    select distinct customer_id
    from warehouse.core.fct_customer_day
    where business_date in (
        select business_date from ledger.changed_business_date where is_fact_changed
    )
"""
"""Who bought on dates that changed: a customer whose receipt is gone is not among those of now."""

_CUSTOMER_MONTH_INPUT = """
    create table if not exists history.customer_month_input (
        input_name text, month_start_date date, input_version hugeint
    )
"""
"""Left by the last night, unless it ended badly: then it is empty, and the months are made anew."""

_STORE_PERFORMANCE_INPUT = """
    create table if not exists history.store_performance_input (
        input_name text, input_date date, input_version hugeint
    )
"""
"""Likewise: an empty one makes all periods anew."""

_CUSTOMER_MONTH_CHANGE = """
    create table if not exists history.customer_month_change (
        replaced_from_month date, changed_from_month date
    )
"""
"""Left by the last night, unless it ended badly: marts that read it may be built where the one that
leaves it is not, and then it is as it was."""

_LEFT_DATES = """
    create table if not exists history.basket_date (business_date date);
    create table if not exists history.return_date (business_date date)
"""
"""Likewise: the gate reads them also where the facts that leave them are not built."""
