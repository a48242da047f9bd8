"""Store ranking, comparable sales and their course by fiscal period."""

from datetime import date

import duckdb

from pipelines.dashboard.database import Row, fetch_row, fetch_rows

RANKING_PERIODS = 12
"""Fiscal periods a store ranking looks back over: one year, so that seasons weigh evenly."""


def ranking_window(connection: duckdb.DuckDBPyConnection, last_business_date: date | None) -> Row:
    """The newest complete fiscal periods, or all of them while none is complete.

    Returns:
        first_date, last_date, period_count, is_complete; empty without periods.
    """
    query = """
        select min(period_start_date) as first_date, max(period_end_date) as last_date,
            count(*) as period_count
        from (
            select distinct period_start_date, period_end_date
            from marts.store_performance
            where period_grain = 'period' and period_end_date <= ?
            order by period_start_date desc
            limit ?
        )
        """
    for is_complete, limit_date in ((True, last_business_date), (False, date.max)):
        found = fetch_row(connection, query, (limit_date, RANKING_PERIODS))
        if found.get("period_count"):
            return {**found, "is_complete": is_complete}
    return {}


def store_ranking(
    connection: duckdb.DuckDBPyConnection, first_date: date, last_date: date
) -> list[Row]:
    """One row per store over fiscal periods within two dates, biggest net sales first.

    The comparable change sums comparable days only. Where there is none, the reason is that of
    the store's newest period.
    """
    return fetch_rows(
        connection,
        """
        with

        store_total as (

            select
                store_key,
                store_id,
                sum(net_amount) as net_amount,
                sum(transaction_count) as transaction_count,
                sum(margin_amount) as margin_amount,
                case
                    when bool_and(margin_status = 'ok') then 'ok'
                    when bool_and(margin_status = 'no feed') then 'no feed'
                    else 'partial'
                end as margin_status,
                sum(comparable_net_amount) filter (where is_comparable) as comparable_net_amount,
                sum(comparable_net_amount_ly) filter (where is_comparable)
                    as comparable_net_amount_ly,
                coalesce(bool_or(is_comparable), false) as is_comparable,
                max_by(comparable_exclusion_reason, period_start_date)
                    filter (where comparable_exclusion_reason is not null)
                    as comparable_exclusion_reason

            from marts.store_performance

            where
                period_grain = 'period'
                and period_start_date between ? and ?

            group by store_key, store_id

        )

        select
            rank() over (order by store_total.net_amount desc nulls last) as net_rank,
            store_total.store_id,
            coalesce(store.store_name, store_total.store_id) as store_name,
            store_total.net_amount,
            store_total.transaction_count,
            store_total.net_amount / nullif(store_total.transaction_count, 0)
                as average_transaction_amount,
            store_total.margin_status,
            case when store_total.margin_status = 'ok'
                then cast(store_total.margin_amount as double)
                    / nullif(cast(store_total.net_amount as double), 0)
            end as margin_rate,
            store_total.is_comparable,
            store_total.comparable_net_amount,
            store_total.comparable_net_amount_ly,
            cast(store_total.comparable_net_amount as double)
                / nullif(cast(store_total.comparable_net_amount_ly as double), 0) - 1
                as comparable_growth_rate,
            store_total.comparable_exclusion_reason

        from store_total

        left join core.dim_store as store
            on store_total.store_key = store.store_key

        order by net_rank, store_total.store_id
        """,
        (first_date, last_date),
    )


def store_period_sales(
    connection: duckdb.DuckDBPyConnection, first_date: date, last_date: date, store_ids: list[str]
) -> list[Row]:
    """Net sales of some stores by fiscal period, oldest first; periods without sales are 0."""
    return fetch_rows(
        connection,
        """
        with

        wanted_store as (

            select unnest(cast(? as varchar[])) as store_id

        ),

        period as (

            select distinct period_start_date
            from marts.store_performance
            where period_grain = 'period' and period_start_date between ? and ?

        )

        select
            wanted_store.store_id,
            period.period_start_date,
            coalesce(sum(performance.net_amount), 0) as net_amount

        from wanted_store

        cross join period

        left join marts.store_performance as performance
            on
                wanted_store.store_id = performance.store_id
                and period.period_start_date = performance.period_start_date
                and performance.period_grain = 'period'

        group by wanted_store.store_id, period.period_start_date

        order by wanted_store.store_id, period.period_start_date
        """,
        (store_ids, first_date, last_date),
    )
