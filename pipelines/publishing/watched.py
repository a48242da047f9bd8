"""Which published numbers are held against those of the build before, see `restatement`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class WatchedMart:
    """A mart whose numbers are held against those of the build before.

    Attributes:
        table: The mart, as schema.table.
        keys: Columns that name a row.
        first_date: SQL of the first day that a row is about.
        last_date: SQL of the last one.
        metrics: Columns to compare.
        is_by_customer: Whether the numbers depend on which source records are one customer.
        relation: SQL of the rows, where they are sums: `{own}` is the build's own catalogue, with a
            dot, and `{other}` that of the build it is held against.
        reads: Columns of the table that such a relation needs.
    """

    table: str
    keys: tuple[str, ...]
    first_date: str
    last_date: str
    metrics: tuple[str, ...]
    is_by_customer: bool = False
    relation: str = ""
    reads: tuple[str, ...] = ()

    def needs(self) -> set[str]:
        """Columns of the table without which nothing can be compared."""
        return set(self.reads or (*self.keys, *self.metrics))

    def rows(self, own: str, other: str) -> str:
        """SQL of the rows to compare, in one of the two builds."""
        return (
            f"({self.relation.format(own=own, other=other)})"
            if self.relation
            else (f"{own}{self.table}")
        )


WATCHED_MARTS = (
    WatchedMart(
        table="marts.store_performance",
        keys=("period_grain", "period_start_date", "store_id"),
        first_date="period_start_date",
        last_date="period_end_date",
        metrics=("net_amount", "transaction_count"),
    ),
    WatchedMart(
        table="marts.department_week",
        keys=("fiscal_week_start_date", "department_name"),
        first_date="fiscal_week_start_date",
        last_date="fiscal_week_start_date + 6",
        metrics=("net_amount", "transaction_count"),
    ),
    WatchedMart(
        table="marts.cohort_retention",
        keys=("cohort_month", "tenure_month", "entry_store_id", "entry_channel"),
        first_date="cast(cohort_month + to_months(cast(tenure_month as integer)) as date)",
        last_date="last_day(cohort_month + to_months(cast(tenure_month as integer)))",
        metrics=("active_customer_count", "net_amount"),
        is_by_customer=True,
    ),
    # Rows of single customers are told as sums: the log outlives an erasure. Scores of another day
    # are news.
    WatchedMart(
        table="marts.rfm",
        keys=("as_of_date", "segment_code"),
        first_date="as_of_date - 364",
        last_date="as_of_date",
        metrics=("customer_count", "monetary_amount"),
        is_by_customer=True,
        relation="""
            select as_of_date, coalesce(segment_code, '') as segment_code,
                count(*) as customer_count, sum(monetary_amount) as monetary_amount
            from {own}marts.rfm
            where as_of_date in (select as_of_date from {other}marts.rfm)
            group by all
        """,
        reads=("as_of_date", "segment_code", "monetary_amount"),
    ),
    # Millions of rows, of which the build replaced those of some quarters.
    WatchedMart(
        table="marts.household_habit",
        keys=("fiscal_quarter_start_date", "category_name"),
        first_date="fiscal_quarter_start_date",
        last_date="last_date",
        metrics=("household_count", "trip_count", "net_amount"),
        is_by_customer=True,
        relation="""
            select habit.fiscal_quarter_start_date, habit.category_name, quarter.last_date,
                count(*) as household_count, sum(habit.trip_count) as trip_count,
                sum(habit.net_amount) as net_amount
            from {own}marts.household_habit as habit
            inner join (
                select fiscal_quarter_start_date, max(date_day) as last_date
                from {own}core.dim_date
                where fiscal_quarter_start_date in (
                    select fiscal_quarter_start_date from {own}core.dim_date where date_day in (
                        select business_date from raw.ledger.changed_business_date
                    )
                )
                group by all
            ) as quarter using (fiscal_quarter_start_date)
            group by all
        """,
        reads=("fiscal_quarter_start_date", "category_name", "trip_count", "net_amount"),
    ),
    WatchedMart(
        table="marts.customer_value",
        keys=("month_end_date", "value_tier_code"),
        first_date="cast(date_trunc('month', month_end_date) - to_months(11) as date)",
        last_date="month_end_date",
        metrics=("customer_count", "contribution_amount"),
        is_by_customer=True,
        relation="""
            select month_end_date, value_tier_code, count(*) as customer_count,
                sum(contribution_amount) as contribution_amount
            from {own}marts.customer_value group by all
        """,
        reads=("month_end_date", "value_tier_code", "contribution_amount"),
    ),
    WatchedMart(
        table="marts.clv_curve",
        keys=("cohort_month", "tenure_month"),
        first_date="cast(cohort_month + to_months(cast(tenure_month as integer)) as date)",
        last_date="last_day(cohort_month + to_months(cast(tenure_month as integer)))",
        metrics=("cohort_customer_count", "contribution_amount", "acquisition_cost_amount"),
        is_by_customer=True,
    ),
    WatchedMart(
        table="marts.retention_economics",
        keys=("month_start_date",),
        first_date="month_start_date",
        last_date="month_end_date",
        metrics=("kept_customer_count", "acquisition_cost_amount", "retention_cost_amount"),
        is_by_customer=True,
    ),
    WatchedMart(
        table="marts.gain_loss",
        keys=("fiscal_quarter_start_date", "basis_code", "movement_code"),
        first_date="base_quarter_start_date",
        last_date="last_date",
        metrics=("customer_count", "net_change_amount"),
        is_by_customer=True,
        relation="""
            select moved.*, quarter.last_date
            from {own}marts.gain_loss as moved
            inner join (
                select fiscal_quarter_start_date, max(date_day) as last_date
                from {own}core.dim_date group by all
            ) as quarter using (fiscal_quarter_start_date)
            where moved.dimension_code = 'all'
        """,
        reads=(
            "fiscal_quarter_start_date",
            "base_quarter_start_date",
            "basis_code",
            "dimension_code",
            "movement_code",
            "customer_count",
            "net_change_amount",
        ),
    ),
    # Of facts only the lines that went from one customer to another: 0 in the build before.
    WatchedMart(
        table="core.fct_sales",
        keys=("store_id", "business_date"),
        first_date="business_date",
        last_date="business_date",
        metrics=("relinked_line_count",),
        is_by_customer=True,
        relation="""
            select before.store_id, before.business_date,
                count_if(line.customer_id <> before.customer_id) as relinked_line_count
            from previous.core.fct_sales as before
            inner join {own}core.fct_sales as line using (receipt_id, line_number)
            where before.customer_id in (select customer_id from relinked_customer)
            group by all
        """,
        reads=("receipt_id", "line_number", "store_id", "business_date", "customer_id"),
    ),
)
