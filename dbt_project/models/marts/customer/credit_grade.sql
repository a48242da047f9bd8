-- Grain: one row per identified customer with receivables in the 365 days to the last day on which
-- they were taken, but for who objects to profiling: how the customer pays. A grade is no decision:
-- nobody is refused by it. Points and rates are not additive; amounts are.
with

as_of as (

    select max(snapshot_date) as as_of_date
    from {{ ref('fct_receivable_snapshot') }}

),

account as (

    -- Who is not among the receivables of the last day owes nothing.
    select
        taken.customer_id,
        as_of.as_of_date,
        sum(case when taken.snapshot_date = as_of.as_of_date then taken.open_amount else 0 end)
            as open_amount,
        sum(case when taken.snapshot_date = as_of.as_of_date then taken.overdue_amount else 0 end)
            as overdue_amount,
        max(case when taken.snapshot_date = as_of.as_of_date then taken.credit_limit_amount end)
            as credit_limit_amount,
        max(taken.max_overdue_days) as max_overdue_days

    from {{ ref('fct_receivable_snapshot') }} as taken
    inner join as_of on taken.snapshot_date >= {{ add_days('as_of.as_of_date', -364) }}

    where
        taken.customer_key > 0
        and taken.customer_id not in ({{ profiling_objector() }})

    group by taken.customer_id, as_of.as_of_date

),

measured as (

    -- No feed tells of payments that the bank returned.
    select
        account.*,
        case
            when account.open_amount > 0
                then {{ ratio('account.overdue_amount', 'account.open_amount') }}
        end as overdue_rate,
        {{ ratio('account.open_amount', 'account.credit_limit_amount') }} as limit_use_rate,
        cast(null as bigint) as returned_payment_count,
        credit_sale.credit_sales_amount

    from account
    left join ({{ credit_sales() }}) as credit_sale
        on account.customer_id = credit_sale.customer_id

),

band as (

    select
        grade_code,
        from_point_count,
        coalesce(lead(from_point_count) over (order by from_point_count asc nulls last), 101)
            as below_point_count

    from {{ ref('credit_band') }}

),

cost as (

    {{ credit_costs() }}

),

pointed as (

    {{ credit_pointed() }}

),

final as (

    select
        customer.customer_key,
        measured.customer_id,
        measured.as_of_date,
        {{ money('measured.open_amount') }} as open_amount,
        {{ money('measured.overdue_amount') }} as overdue_amount,
        {{ money('measured.credit_limit_amount') }} as credit_limit_amount,
        {{ money('measured.credit_sales_amount') }} as credit_sales_amount,
        case
            when measured.credit_sales_amount > 0
                then {{ ratio('90 * measured.open_amount', 'measured.credit_sales_amount') }}
        end as outstanding_days,
        measured.overdue_rate,
        measured.max_overdue_days,
        measured.limit_use_rate,
        measured.returned_payment_count,
        {{ credit_points('overdue_rate') }} as overdue_point_count,
        {{ credit_points('max_overdue_days') }} as lateness_point_count,
        {{ credit_points('limit_use_rate') }} as limit_point_count,
        cast(100 - coalesce(pointed.cost_point_count, 0) as bigint) as credit_score,
        band.grade_code,
        coalesce(pointed.grade_reasons, 'nothing costs points') as grade_reasons

    from measured
    left join pointed on measured.customer_id = pointed.customer_id
    inner join band
        on
            100 - coalesce(pointed.cost_point_count, 0) >= band.from_point_count
            and 100 - coalesce(pointed.cost_point_count, 0) < band.below_point_count
    left join {{ ref('dim_customer') }} as customer
        on measured.customer_id = customer.customer_id and customer.is_current

)

select * from final
