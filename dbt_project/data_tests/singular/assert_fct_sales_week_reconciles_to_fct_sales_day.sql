{{ config(meta={'dagster': {'ref': {'name': 'fct_sales_week'}}}) }}

-- A returned row is a store and fiscal week that the night replaced, whose items do not add up to
-- its days: in money, lines or units, of receipts that are kept or of rolled ones. The two are
-- summed from different facts and recorded apart, so an error of either is seen; so is a week that
-- is kept and rolled at once.
with

week as (

    select
        store_id,
        fiscal_week_start_date,
        sum(net_amount) as net_amount,
        sum(gross_amount) as gross_amount,
        sum(unit_count) as unit_count,
        sum(line_count) as line_count,
        max(case when is_rolled then 1 else 2 end) as first_source,
        min(case when is_rolled then 1 else 2 end) as last_source

    from {{ ref('fct_sales_week') }}

    where fiscal_week_start_date in ({{ changed_periods('fiscal_week_start_date', false) }})

    group by store_id, fiscal_week_start_date

),

day_sum as (

    select
        sales_day.store_id,
        calendar.fiscal_week_start_date,
        sum(sales_day.net_amount) as net_amount,
        sum(sales_day.gross_amount) as gross_amount,
        sum(sales_day.unit_count) as unit_count,
        sum(sales_day.line_count) as line_count

    from {{ ref('fct_sales_day') }} as sales_day
    inner join {{ ref('dim_date') }} as calendar on sales_day.business_date = calendar.date_day

    where
        calendar.fiscal_week_start_date in ({{ changed_periods('fiscal_week_start_date', false) }})

    group by sales_day.store_id, calendar.fiscal_week_start_date

)

select
    coalesce(week.store_id, day_sum.store_id) as store_id,
    coalesce(week.fiscal_week_start_date, day_sum.fiscal_week_start_date)
        as fiscal_week_start_date,
    week.net_amount as week_net_amount,
    day_sum.net_amount as day_net_amount,
    week.line_count as week_line_count,
    day_sum.line_count as day_line_count,
    week.first_source <> week.last_source as is_kept_and_rolled

from week
full outer join day_sum
    on
        week.store_id = day_sum.store_id
        and week.fiscal_week_start_date = day_sum.fiscal_week_start_date

where
    coalesce(week.net_amount, 0) <> coalesce(day_sum.net_amount, 0)
    or coalesce(week.gross_amount, 0) <> coalesce(day_sum.gross_amount, 0)
    or coalesce(week.unit_count, 0) <> coalesce(day_sum.unit_count, 0)
    or coalesce(week.line_count, 0) <> coalesce(day_sum.line_count, 0)
    or week.first_source <> week.last_source
