-- Grain: one row per customer and day on which receivables were taken. Not additive over days. Open
-- credits and payments lower what is open, and never what is overdue.
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

snapshot as (

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
        {{ money('snapshot.credit_limit_amount') }} as credit_limit_amount

    from snapshot
    left join {{ ref('dim_customer') }} as customer
        on snapshot.customer_id = customer.customer_id

)

select * from final
