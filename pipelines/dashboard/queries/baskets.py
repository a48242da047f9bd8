"""Products and categories bought together."""

from datetime import date

import duckdb

from pipelines.dashboard.database import Row, fetch_row, fetch_rows

PAIR_PERIODS = 13
"""Newest fiscal periods whose pairs a reader can choose."""


def pair_periods(
    connection: duckdb.DuckDBPyConnection, last_business_date: date | None
) -> list[Row]:
    """Fiscal periods that have pairs, newest first, and whether each one is over."""
    return fetch_rows(
        connection,
        """
        select
            pair.fiscal_period_code,
            pair.fiscal_period_start_date,
            max(calendar.date_day) as fiscal_period_end_date,
            max(calendar.date_day) <= ? as is_complete

        from (
            select distinct fiscal_period_code, fiscal_period_start_date
            from marts.basket_affinity
        ) as pair

        left join core.dim_date as calendar
            on pair.fiscal_period_start_date = calendar.fiscal_period_start_date

        group by pair.fiscal_period_code, pair.fiscal_period_start_date

        order by pair.fiscal_period_start_date desc

        limit ?
        """,
        (last_business_date, PAIR_PERIODS),
    )


def strongest_pairs(
    connection: duckdb.DuckDBPyConnection, level: str, period_start_dates: list[date], limit: int
) -> list[Row]:
    """The pairs of highest lift of each given fiscal period, over all store clusters.

    Args:
        connection: the published file.
        level: `item` or `category`.
        period_start_dates: first days of fiscal periods.
        limit: pairs a period.

    Returns:
        One row per period, cluster and pair; ties by chi-square, then by the codes.
    """
    return fetch_rows(
        connection,
        """
        with

        ranked_pair as (

            select
                *,
                row_number() over (
                    partition by fiscal_period_start_date
                    order by lift desc nulls last, chi_square desc nulls last,
                        cluster_code, left_code, right_code
                ) as pair_rank

            from marts.basket_affinity

            where
                affinity_level = ?
                and fiscal_period_start_date in (select unnest(cast(? as date[])))

        )

        select fiscal_period_code, fiscal_period_start_date, cluster_code, pair_rank,
            left_code, coalesce(left_name, left_code) as left_name,
            right_code, coalesce(right_name, right_code) as right_name,
            basket_count, pair_basket_count, support_rate,
            confidence_left_to_right_rate, confidence_right_to_left_rate, lift
        from ranked_pair
        where pair_rank <= ?
        order by fiscal_period_start_date desc, pair_rank
        """,
        (level, period_start_dates, limit),
    )


def cluster_count(connection: duckdb.DuckDBPyConnection) -> int:
    """How many store clusters the pairs are split by."""
    found = fetch_row(
        connection, "select count(distinct cluster_code) as n from marts.basket_affinity"
    )
    return int(found["n"])
