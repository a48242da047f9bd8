"""A small published file, made by hand, whose every figure can be told by heart.

Two stores over two fiscal periods (28 days each) of FY2017 and two departments. Store A sells 100 a
day on one receipt of customer `c1`; store B sells 50 a day to nobody known. A is comparable with
last year, B is not.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

FIRST_DATE = date(2017, 1, 29)
"""A Sunday, and the first day of fiscal year 2017."""

DAYS = 98
"""14 fiscal weeks: enough for a 13-week mean."""

LAST_DATE = FIRST_DATE + timedelta(days=DAYS - 1)
"""Last business date."""

PERIOD_WEEKS = (4, 5, 5)
"""Weeks of the fiscal periods; 4-5-4 ends period 3 a week earlier, which no test needs."""

NET_AMOUNT = Decimal(150 * DAYS)
"""Net sales of both stores over all days."""

_TABLES = """
create schema core;
create schema marts;
create schema meta;
create table core.fct_basket (
    receipt_id varchar, business_date date, store_id varchar, customer_key bigint,
    customer_id varchar, net_amount decimal(18, 4), is_transaction boolean
);
create table core.fct_sales_day (
    store_id varchar, business_date date, receipt_count bigint, transaction_count bigint,
    identified_transaction_count bigint, net_amount decimal(18, 4), is_rolled boolean
);
create table core.fct_customer_day (
    business_date date, customer_key bigint, customer_id varchar, transaction_count bigint
);
create table core.dim_store (store_key bigint, store_id varchar, store_name varchar);
create table core.dim_date (date_day date, fiscal_period_start_date date);
create table marts.sales_trend (
    fiscal_week_code varchar, fiscal_week_start_date date, department_name varchar,
    net_amount decimal(18, 4), gross_amount decimal(18, 4), discount_amount decimal(18, 4),
    unit_count decimal(18, 3), net_amount_ly_aligned decimal(18, 4),
    net_amount_4_week_mean double, net_amount_13_week_mean double, is_complete_week boolean
);
create table marts.store_performance (
    period_grain varchar, period_start_date date, period_end_date date, store_key bigint,
    store_id varchar, net_amount decimal(18, 4), transaction_count bigint,
    margin_amount decimal(18, 4), margin_status varchar, is_comparable boolean,
    comparable_exclusion_reason varchar, comparable_net_amount decimal(18, 4),
    comparable_net_amount_ly decimal(18, 4)
);
create table marts.rfm (
    as_of_date date, customer_key bigint, customer_id varchar, recency_days bigint,
    frequency_days bigint, monetary_amount decimal(18, 4), recency_score bigint,
    frequency_score bigint, monetary_score bigint, segment_name varchar
);
create table marts.cohort_retention (
    cohort_month date, tenure_month bigint, entry_store_id varchar, entry_channel varchar,
    cohort_customer_count bigint, active_customer_count bigint, retention_rate double,
    is_ripe boolean
);
create table marts.basket_affinity (
    affinity_level varchar, fiscal_period_code varchar, fiscal_period_start_date date,
    cluster_code varchar, left_code varchar, left_name varchar, right_code varchar,
    right_name varchar, basket_count bigint, pair_basket_count bigint, support_rate double,
    confidence_left_to_right_rate double, confidence_right_to_left_rate double, lift double,
    chi_square double
);
create table meta.feed_status (
    feed_code varchar, feed_name varchar, is_required boolean, status varchar, file_count bigint,
    refused_file_count bigint, first_date date, last_date date, row_count bigint,
    loaded_count bigint, quarantined_count bigint, duplicate_count bigint
);
create table meta.reconciliation (
    check_name varchar, left_label varchar, right_label varchar, left_amount decimal(18, 4),
    right_amount decimal(18, 4), difference_amount decimal(18, 4), is_equal boolean
);
create table meta.run (
    build_id varchar, run_id varchar, started_at timestamptz, published_at timestamptz
);
create table meta.gate_result (
    suite_name varchar, rule_number integer, table_name varchar, rule_description varchar,
    severity varchar, status varchar, unexpected_count bigint, observed_value varchar
);
"""


def write_empty_file(database: Path) -> Path:
    """A published file before the first sale: all tables, no rows."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(_TABLES)
    return database


def write_published_file(
    database: Path,
    *,
    item_name: str = "Bread",
    department_name: str = "Bakery",
    segment_name: str = "Champions",
    store_name: str | None = None,
    difference: Decimal = Decimal(0),
    failed_severity: str | None = None,
    lost_rows: int = 0,
) -> Path:
    """The file of this module's docstring.

    Args:
        database: path to write.
        item_name: name of an item in a pair.
        department_name: name of the smaller department.
        segment_name: name of an RFM segment.
        store_name: name of store A; its id where None.
        difference: what the one reconciliation misses.
        lost_rows: rows of the sales feed that are neither loaded nor set aside.
        failed_severity: severity of a failed gate rule; none fails where None.
    """
    with duckdb.connect(str(database)) as connection:
        connection.execute(_TABLES)
        _fill_core(connection, store_name)
        _fill_sales(connection, department_name)
        _fill_stores(connection)
        _fill_customers(connection, segment_name)
        _fill_pairs(connection, item_name)
        _fill_meta(connection, difference, failed_severity, lost_rows)
    return database


def periods() -> list[tuple[str, date, date]]:
    """Code, first and last day of each fiscal period; the last one is over on the last date."""
    found = []
    start = FIRST_DATE
    for number, weeks in enumerate(PERIOD_WEEKS, start=1):
        end = start + timedelta(days=7 * weeks - 1)
        found.append((f"FY2017-P{number:02d}", start, end))
        start = end + timedelta(days=1)
    return found


def _fill_core(connection: duckdb.DuckDBPyConnection, store_name: str | None) -> None:
    connection.execute(
        "insert into core.dim_store values (1, 'A', ?), (2, 'B', null)", [store_name]
    )
    for _, start, end in periods():
        connection.execute(
            """
            insert into core.dim_date
            select cast(range as date), ? from range(?, cast(? as date) + 1, interval 1 day)
            """,
            [start, start, end],
        )
    # A receipt that only gives back a coupon is money, but no transaction, and names no buyer.
    connection.execute(
        """
        insert into core.fct_basket
        select 'A-' || date_day, date_day, 'A', 11, 'c1', 100, true from core.dim_date
        union all
        select 'B-' || date_day, date_day, 'B', -1, 'unknown', 50, true from core.dim_date
        union all
        select 'A-coupon', $1, 'A', 12, 'c2', 0, false
        """,
        [FIRST_DATE],
    )
    connection.execute(
        """
        insert into core.fct_customer_day
        select business_date, customer_key, customer_id, count_if(is_transaction)
        from core.fct_basket group by all
        """
    )
    # The receipts of one day are kept no longer.
    connection.execute(
        """
        insert into core.fct_sales_day
        select store_id, business_date, count(*), count_if(is_transaction),
            count_if(is_transaction and customer_key > 0), sum(net_amount), false
        from core.fct_basket group by store_id, business_date
        union all
        select 'C', $1 - 400, 1, 1, 1, 1000, true
        """,
        [FIRST_DATE],
    )


def _fill_sales(connection: duckdb.DuckDBPyConnection, department_name: str) -> None:
    for week in range(DAYS // 7):
        start = FIRST_DATE + timedelta(days=7 * week)
        for name, amount in (("Grocery", 700), (department_name, 350)):
            connection.execute(
                "insert into marts.sales_trend values (?, ?, ?, ?, ?, 0, 10, null, ?, ?, true)",
                [
                    f"FY2017-W{week + 1:02d}",
                    start,
                    name,
                    amount,
                    amount,
                    amount if week >= 3 else None,
                    amount if week >= 12 else None,
                ],
            )


def _fill_stores(connection: duckdb.DuckDBPyConnection) -> None:
    for _, start, end in periods():
        days = (end - start).days + 1
        connection.execute(
            """
            insert into marts.store_performance values
            ('period', ?, ?, 1, 'A', 100 * ?, ?, 25 * ?, 'ok', true, null, 100 * ?, 80 * ?),
            ('period', ?, ?, 2, 'B', 50 * ?, ?, null, 'no feed', false, 'no sales last year',
             null, null)
            """,
            [start, end, days, days, days, days, days, start, end, days, days],
        )


def _fill_customers(connection: duckdb.DuckDBPyConnection, segment_name: str) -> None:
    connection.execute(
        """
        insert into marts.rfm values
        (?, 11, 'c1', 0, 98, 9800, 5, 5, 5, ?), (?, 12, 'c2', 60, 1, 20, 1, 1, 1, 'Lost')
        """,
        [LAST_DATE, segment_name, LAST_DATE],
    )
    connection.execute(
        """
        insert into marts.cohort_retention values
        (date '2017-02-01', 0, 'A', 'till', 10, 10, 1, true),
        (date '2017-02-01', 1, 'A', 'till', 10, 6, 0.6, true),
        (date '2017-02-01', 0, 'B', 'till', 30, 30, 1, true),
        (date '2017-02-01', 1, 'B', 'till', 30, 6, 0.2, true),
        (date '2017-03-01', 0, 'A', 'till', 5, 5, 1, true),
        (date '2017-03-01', 1, 'A', 'till', 5, null, null, false)
        """
    )


def _fill_pairs(connection: duckdb.DuckDBPyConnection, item_name: str) -> None:
    for number, (code, start, _) in enumerate(periods(), start=1):
        connection.execute(
            """
            insert into marts.basket_affinity values
            ('item', ?, ?, 'town', '1', ?, '2', 'Butter', 1000, 40, 0.04, 0.5, 0.25, ?, 99),
            ('category', ?, ?, 'town', 'Bread', 'Bread', 'Dairy', 'Dairy', 1000, 80, 0.08, 0.4,
             0.3, 1.5, 50)
            """,
            [code, start, item_name, 2.0 + number, code, start],
        )


def _fill_meta(
    connection: duckdb.DuckDBPyConnection,
    difference: Decimal,
    failed_severity: str | None,
    lost_rows: int,
) -> None:
    connection.execute(
        """
        insert into meta.feed_status values
        ('pos_line', 'Sales lines', true, 'ok', 98, 0, ?, ?, 200 + ?, 197, 2, 1),
        ('store', 'Stores', false, 'no feed', 0, 0, null, null, 0, 0, 0, 0)
        """,
        [FIRST_DATE, LAST_DATE, lost_rows],
    )
    connection.execute(
        "insert into meta.reconciliation values ('raw to sales fact', 'raw', 'fact', ?, ?, ?, ?)",
        [NET_AMOUNT, NET_AMOUNT - difference, difference, difference == 0],
    )
    started_at = datetime.fromisoformat("2017-05-07T02:00:00+00:00")
    connection.execute(
        "insert into meta.run values ('20170507T020000Z', 'r1', ?, ?)",
        [started_at, started_at + timedelta(minutes=2)],
    )
    connection.execute(
        """
        insert into meta.gate_result values
        ('core.fct_basket', 1, 'core.fct_basket', 'receipt_id is unique', 'critical', 'passed',
         0, null),
        ('core.fct_basket', 2, 'core.fct_basket', 'store_key is a store', ?, ?, ?, null),
        ('marts.rfm', 1, 'marts.rfm', 'scores are 1 to 5', 'critical', 'passed', 0, null)
        """,
        [
            failed_severity or "critical",
            "failed" if failed_severity else "passed",
            1234 if failed_severity else 0,
        ],
    )
