"""Net sales by fiscal week and department."""

import duckdb

from pipelines.dashboard.database import Row, fetch_rows


def weekly_sales(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Fiscal week, all departments: net and its trailing means.

    A mean is NULL unless all of its weeks are there and complete, as in the mart.
    """
    return fetch_rows(
        connection,
        """
        with

        week as (

            select
                fiscal_week_start_date,
                fiscal_week_code,
                sum(net_amount) as net_amount,
                bool_and(is_complete_week) as is_complete_week

            from marts.sales_trend

            group by fiscal_week_start_date, fiscal_week_code

        )

        select
            fiscal_week_start_date,
            fiscal_week_code,
            net_amount,
            is_complete_week,
            case when count(*) filter (where is_complete_week) over last_4 = 4
                then avg(net_amount) over last_4 end as net_amount_4_week_mean,
            case when count(*) filter (where is_complete_week) over last_13 = 13
                then avg(net_amount) over last_13 end as net_amount_13_week_mean

        from week

        window
            last_4 as (order by fiscal_week_start_date rows between 3 preceding and current row),
            last_13 as (order by fiscal_week_start_date rows between 12 preceding and current row)

        order by fiscal_week_start_date
        """,
    )


def weekly_department_sales(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Fiscal week x department as the mart states it, ordered by department, then week."""
    return fetch_rows(
        connection,
        """
        select department_name, fiscal_week_start_date, fiscal_week_code, net_amount,
            net_amount_4_week_mean, net_amount_13_week_mean, is_complete_week
        from marts.sales_trend
        order by department_name, fiscal_week_start_date
        """,
    )


def departments(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per department over the whole file, biggest first."""
    return fetch_rows(
        connection,
        """
        select department_name, sum(net_amount) as net_amount
        from marts.sales_trend
        group by department_name
        order by net_amount desc, department_name
        """,
    )
