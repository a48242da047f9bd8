"""RFM scores and acquisition cohorts."""

import duckdb

from pipelines.dashboard.database import Row, fetch_rows

COHORT_MONTHS = 24
"""Newest acquisition months, and the highest tenure, of the retention triangle."""


def rfm_cells(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Recency score x frequency score at the newest as-of date: customers and money."""
    return fetch_rows(
        connection,
        """
        select as_of_date, recency_score, frequency_score,
            count(*) as customer_count,
            sum(monetary_amount) as monetary_amount,
            string_agg(distinct segment_name, ', ' order by segment_name) as segment_name
        from marts.rfm
        where as_of_date = (select max(as_of_date) from marts.rfm)
            and recency_score is not null and frequency_score is not null
        group by as_of_date, recency_score, frequency_score
        order by recency_score, frequency_score
        """,
    )


def rfm_segments(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per segment at the newest as-of date, the most money first."""
    return fetch_rows(
        connection,
        """
        select as_of_date, segment_name,
            count(*) as customer_count,
            sum(monetary_amount) as monetary_amount,
            median(recency_days) as median_recency_days,
            median(frequency_days) as median_frequency_days
        from marts.rfm
        where as_of_date = (select max(as_of_date) from marts.rfm)
        group by as_of_date, segment_name
        order by monetary_amount desc nulls last, segment_name
        """,
    )


def cohort_cells(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Acquisition month x tenure month over all entry stores and channels, ripe cells only."""
    return fetch_rows(
        connection,
        """
        select cohort_month, tenure_month,
            sum(cohort_customer_count) as cohort_customer_count,
            sum(active_customer_count) as active_customer_count,
            sum(active_customer_count) / cast(nullif(sum(cohort_customer_count), 0) as double)
                as retention_rate
        from marts.cohort_retention
        where tenure_month <= ?
            and cohort_month in (
                select distinct cohort_month from marts.cohort_retention
                order by cohort_month desc limit ?
            )
        group by cohort_month, tenure_month
        having bool_and(is_ripe)
        order by cohort_month, tenure_month
        """,
        (COHORT_MONTHS, COHORT_MONTHS),
    )
