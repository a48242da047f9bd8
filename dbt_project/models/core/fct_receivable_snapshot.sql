-- Grain: one row per customer and day on which receivables were taken. Not additive over days, but
-- for the cost of overdue money. Open credits and payments lower what is open, and never what is
-- overdue.
with

item as (

    select
        customer_id,
        extract_date,
        open_amount,
        credit_limit_amount,
        case
            when open_amount > 0 and due_date < extract_date
                then {{ days_between('due_date', 'extract_date') }}
            else 0
        end as overdue_days

    from {{ ref('stg_finance__ar_open_item') }}

),

account as (

    select
        customer_id,
        extract_date as snapshot_date,
        sum(open_amount) as open_amount,
        sum(case when overdue_days > 0 then open_amount else 0 end) as overdue_amount,
        sum(case when overdue_days between 1 and 30 then open_amount else 0 end) as to_30_amount,
        sum(case when overdue_days between 31 and 60 then open_amount else 0 end) as to_60_amount,
        sum(case when overdue_days between 61 and 90 then open_amount else 0 end) as to_90_amount,
        sum(case when overdue_days > 90 then open_amount else 0 end) as over_90_amount,
        max(overdue_days) as max_overdue_days,
        max(credit_limit_amount) as credit_limit_amount

    from item

    group by customer_id, extract_date

),

snapshot as (

    -- The accounts of one customer together, each with a limit of its own.
    select
        known_customer.customer_id,
        account.snapshot_date,
        sum(account.open_amount) as open_amount,
        sum(account.overdue_amount) as overdue_amount,
        sum(account.to_30_amount) as to_30_amount,
        sum(account.to_60_amount) as to_60_amount,
        sum(account.to_90_amount) as to_90_amount,
        sum(account.over_90_amount) as over_90_amount,
        max(account.max_overdue_days) as max_overdue_days,
        sum(account.credit_limit_amount) as credit_limit_amount

    from account
    left join {{ ref('int_customer__identified') }} as known_customer
        on account.customer_id = known_customer.customer_ref

    group by known_customer.customer_id, account.snapshot_date

),

dated as (

    -- Money is lent from one date to the next; after the last one to the end of its month.
    select
        snapshot_date,
        {{ days_between(
            'snapshot_date',
            'coalesce(lead(snapshot_date) over (order by snapshot_date nulls last), '
            ~ add_months(month_start('snapshot_date'), 1) ~ ')'
        ) }} as day_count

    from (select distinct snapshot_date from snapshot) as taken

),

final as (

    select
        customer.customer_key,
        customer.customer_id,
        snapshot.snapshot_date,
        {{ money('snapshot.open_amount') }} as open_amount,
        {{ money('snapshot.overdue_amount') }} as overdue_amount,
        {{ money('snapshot.to_30_amount') }} as overdue_1_30_days_amount,
        {{ money('snapshot.to_60_amount') }} as overdue_31_60_days_amount,
        {{ money('snapshot.to_90_amount') }} as overdue_61_90_days_amount,
        {{ money('snapshot.over_90_amount') }} as overdue_over_90_days_amount,
        cast(snapshot.max_overdue_days as bigint) as max_overdue_days,
        {{ money('snapshot.credit_limit_amount') }} as credit_limit_amount,
        {{ money(
            money('snapshot.overdue_amount') ~ ' * cast(dated.day_count as decimal(5, 0))'
            ~ ' * capital_rate.daily_capital_factor'
        ) }} as overdue_cost_amount

    from snapshot
    inner join dated on snapshot.snapshot_date = dated.snapshot_date
    left join {{ ref('int_capital_rate__dated') }} as capital_rate
        on
            snapshot.snapshot_date
            between capital_rate.valid_from_date and capital_rate.valid_to_date
    left join {{ ref('dim_customer') }} as customer
        on {{ version_on('customer', 'snapshot.customer_id', 'snapshot.snapshot_date') }}

)

select * from final
