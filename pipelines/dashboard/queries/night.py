"""The night: its run, its key figures, its feeds, and what the checks said."""

import duckdb

from pipelines.dashboard.database import Row, fetch_row, fetch_rows, has_table


def run(connection: duckdb.DuckDBPyConnection) -> Row:
    """The run that built the file, columns as published; empty when the file names none."""
    if not has_table(connection, "meta", "run"):
        return {}
    return fetch_row(connection, "select * from meta.run order by started_at desc limit 1")


def key_figures(connection: duckdb.DuckDBPyConnection) -> Row:
    """Whole-file totals of receipts that are kept. One row; counts are 0 and amounts NULL without.

    Read from days of stores and of customers: each receipt of years would be read for the same.
    """
    return fetch_row(
        connection,
        """
        select
            sum(net_amount) as net_amount,
            coalesce(sum(transaction_count), 0)::bigint as transaction_count,
            coalesce(sum(identified_transaction_count), 0)::bigint
                as identified_transaction_count,
            (
                select count(distinct customer_id) from core.fct_customer_day
                where transaction_count > 0 and customer_key > 0
            ) as customer_count,
            count(distinct store_id) filter (where transaction_count > 0) as store_count,
            count(distinct business_date) as business_date_count,
            min(business_date) as first_business_date,
            max(business_date) as last_business_date
        from core.fct_sales_day
        where not is_rolled
        """,
    )


def feeds(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per feed contract: what landed. Feeds that delivered come first."""
    return fetch_rows(
        connection,
        """
        select feed_code, coalesce(feed_name, feed_code) as feed_name, is_required, status,
            file_count, refused_file_count, first_date, last_date,
            row_count, loaded_count, quarantined_count, duplicate_count
        from meta.feed_status
        order by (status = 'no feed'), row_count desc, feed_code
        """,
    )


def reconciliations(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per check that two places state the same total; unequal ones first."""
    return fetch_rows(
        connection,
        """
        select check_name, left_label, right_label, left_amount, right_amount,
            difference_amount, is_equal
        from meta.reconciliation
        order by is_equal, check_name
        """,
    )


def gate_results(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per gate suite of this build, the worst first; empty when the file holds none.

    The worst rule is the failed one of the highest severity, then of the most rows. A failed rule
    of severity info is counted, and judges nothing.
    """
    if not has_table(connection, "meta", "gate_result"):
        return []
    return fetch_rows(
        connection,
        """
        with

        rule as (

            select
                *,
                row_number() over (
                    partition by suite_name
                    order by
                        (status = 'passed'),
                        case severity when 'critical' then 0 when 'warning' then 1 else 2 end,
                        unexpected_count desc nulls last,
                        rule_number
                ) as worst_rank

            from meta.gate_result

        )

        select
            suite_name,
            min(table_name) as table_name,
            count(*) as rule_count,
            count(*) filter (where status <> 'passed') as failed_count,
            count(*) filter (where status <> 'passed' and severity = 'critical')
                as critical_failed_count,
            count(*) filter (where status <> 'passed' and severity = 'warning')
                as warning_failed_count,
            max(rule_description) filter (where worst_rank = 1 and status <> 'passed')
                as worst_rule_description,
            max(unexpected_count) filter (where worst_rank = 1 and status <> 'passed')
                as worst_unexpected_count,
            max(observed_value) filter (where worst_rank = 1 and status <> 'passed')
                as worst_observed_value

        from rule

        group by suite_name

        order by critical_failed_count desc, warning_failed_count desc, failed_count desc,
            suite_name
        """,
    )
